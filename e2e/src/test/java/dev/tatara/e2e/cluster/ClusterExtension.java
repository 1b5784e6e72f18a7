package dev.tatara.e2e.cluster;

import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class the cluster, which all classes share, and a namespace of its own. When a test fails, what the
 * namespace looked like is kept.
 */
public final class ClusterExtension implements ParameterResolver, AfterTestExecutionCallback, AfterAllCallback {
    private static final Namespace STORE = Namespace.create(ClusterExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == Cluster.class || type == TestNamespace.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cluster.class ? cluster(context) : namespace(context);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            Diagnostics.dump(
                    cluster(context),
                    namespace(context),
                    context.getRequiredTestClass().getSimpleName() + "."
                            + context.getRequiredTestMethod().getName());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        var namespace = classStore(context).get(TestNamespace.class, TestNamespace.class);
        if (namespace != null) {
            namespace.delete();
        }
    }

    private static Cluster cluster(ExtensionContext context) {
        return context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(Cluster.class, ignored -> Cluster.connect(), Cluster.class);
    }

    private static TestNamespace namespace(ExtensionContext context) {
        return classStore(context)
                .computeIfAbsent(
                        TestNamespace.class,
                        ignored -> TestNamespace.create(cluster(context), nameFor(context.getRequiredTestClass())),
                        TestNamespace.class);
    }

    /** The store of the class: the methods' contexts see it too, and it outlives them. */
    private static ExtensionContext.Store classStore(ExtensionContext context) {
        var classContext =
                context.getTestMethod().isPresent() ? context.getParent().orElseThrow() : context;
        return classContext.getStore(Namespace.create(ClusterExtension.class, context.getRequiredTestClass()));
    }

    private static String nameFor(Class<?> test) {
        var random = new byte[2];
        ThreadLocalRandom.current().nextBytes(random);
        return test.getSimpleName().toLowerCase(Locale.ROOT) + "-"
                + HexFormat.of().formatHex(random);
    }
}
