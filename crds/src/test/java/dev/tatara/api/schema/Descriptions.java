package dev.tatara.api.schema;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The Javadoc of the API's sources, so that what is said about a field is said once. */
final class Descriptions {
    private final Map<String, String> byElement;

    private Descriptions(Map<String, String> byElement) {
        this.byElement = byElement;
    }

    /** Reads every source below a folder. */
    static Descriptions of(Path sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                var walk = Files.walk(sources)) {
            List<Path> units = walk.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(units));
            Collector collector = new Collector(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                collector.scan(unit, null);
            }
            return new Descriptions(Map.copyOf(collector.found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The description of a type. */
    Optional<String> of(Class<?> type) {
        return Optional.ofNullable(byElement.get(type.getName()));
    }

    /** The {@code @param} of a record's component. */
    Optional<String> of(Class<?> type, String component) {
        return Optional.ofNullable(byElement.get(type.getName() + "#" + component));
    }

    private static final class Collector extends TreePathScanner<Void, Void> {
        private final DocTrees trees;
        private final Map<String, String> found = new HashMap<>();
        private final Deque<String> enclosing = new ArrayDeque<>();

        Collector(DocTrees trees) {
            this.trees = trees;
        }

        @Override
        public Void visitClass(ClassTree node, Void nothing) {
            String outer = enclosing.isEmpty()
                    ? getCurrentPath().getCompilationUnit().getPackageName() + "."
                    : enclosing.peek() + "$";
            String name = outer + node.getSimpleName();
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                found.put(name, text(comment.getFullBody()));
                for (DocTree tag : comment.getBlockTags()) {
                    if (tag instanceof ParamTree parameter && !parameter.isTypeParameter()) {
                        found.put(name + "#" + parameter.getName(), text(parameter.getDescription()));
                    }
                }
            }
            enclosing.push(name);
            super.visitClass(node, null);
            enclosing.pop();
            return null;
        }

        private static String text(List<? extends DocTree> parts) {
            return parts.stream()
                    .map(part -> switch (part) {
                        case LiteralTree literal -> literal.getBody().getBody();
                        case EntityTree entity ->
                            switch (entity.getName().toString()) {
                                case "lt" -> "<";
                                case "gt" -> ">";
                                case "amp" -> "&";
                                default -> throw new IllegalStateException("entity without a meaning here: " + entity);
                            };
                        default -> part.toString();
                    })
                    .collect(Collectors.joining())
                    .replaceAll("\\s+", " ")
                    .strip();
        }
    }
}
