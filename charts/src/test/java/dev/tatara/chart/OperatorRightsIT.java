package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the shipped roles allow and, more to the point, don't. */
class OperatorRightsIT {
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.start();
        chart.namespace("team-a");
        chart.bind("team-a", "tatara-view", "vera");
        chart.bind("team-a", "tatara-edit", "erin");
        chart.bind("team-a", "tatara-admin", "nadia");
        chart.bind("team-a", "tatara-approver", "alice");
    }

    @AfterAll
    static void stop() {
        chart.close();
    }

    @ParameterizedTest(name = "the operator {0}")
    @CsvSource(delimiter = '|', textBlock = """
            may     | watch  | mlops.tatara.dev  | modelversions           | team-a
            may     | watch  | mlops.tatara.dev  | inferenceservices       | team-a
            may     | patch  | mlops.tatara.dev  | modelversions           | team-a
            may     | patch  | mlops.tatara.dev  | modelversions/status    | team-a
            may     | patch  | mlops.tatara.dev  | inferenceservices/status| team-a
            may     | watch  | mlops.tatara.dev  | featureviews            | team-a
            may     | patch  | mlops.tatara.dev  | featureviews/status     | team-a
            may     | watch  | mlops.tatara.dev  | trainingjobs            | team-a
            may     | patch  | mlops.tatara.dev  | trainingjobs/status     | team-a
            may     | watch  | mlops.tatara.dev  | driftpolicies           | team-a
            may     | patch  | mlops.tatara.dev  | driftpolicies/status    | team-a
            may     | create | mlops.tatara.dev  | modelversions           | team-a
            may     | create | ''                | configmaps              | team-a
            may     | create | batch             | jobs                    | team-a
            may     | watch  | ''                | pods                    | team-a
            may     | get    | ''                | pods/log                | team-a
            may     | patch  | apps              | deployments             | team-a
            may     | create | events.k8s.io     | events                  | team-a
            may     | create | coordination.k8s.io | leases                | tatara-system
            may not | update | mlops.tatara.dev  | modelversions           | team-a
            may not | delete | mlops.tatara.dev  | modelversions           | team-a
            may not | patch  | mlops.tatara.dev  | inferenceservices       | team-a
            may not | patch  | mlops.tatara.dev  | featureviews            | team-a
            may not | patch  | mlops.tatara.dev  | trainingjobs            | team-a
            may not | patch  | mlops.tatara.dev  | driftpolicies           | team-a
            may not | approve | mlops.tatara.dev | modelversions           | team-a
            may     | create | ''                | secrets                 | tatara-system
            may not | get    | ''                | secrets                 | tatara-system
            may not | list   | ''                | secrets                 | tatara-system
            may not | create | ''                | secrets                 | team-a
            may not | get    | ''                | secrets                 | team-a
            may not | list   | ''                | secrets                 | team-a
            may not | create | ''                | pods                    | team-a
            may not | create | ''                | pods/exec               | team-a
            may not | patch  | batch             | jobs                    | team-a
            may not | create | coordination.k8s.io | leases                | team-a
            may not | create | rbac.authorization.k8s.io | rolebindings    | team-a
            may not | create | ''                | serviceaccounts/token   | team-a
            may not | list   | gateway.networking.k8s.io | httproutes      | team-a
            may not | get    | gateway.networking.k8s.io | gateways        | team-a
            may not | list   | networking.istio.io | virtualservices       | team-a
            """)
    void hasTheRightsThatItsCodeNeeds(String may, String verb, String group, String resource, String namespace) {
        assertThat(allowed(chart, InstalledChart.OPERATOR, verb, group, resource, namespace))
                .isEqualTo(may.equals("may"));
    }

    /** Of all Secrets there are, one of its own making. */
    @Test
    void readsTheKeyOfTrafficTablesAlone() {
        assertThat(allowedByName("tatara-traffic-key")).isTrue();
        assertThat(allowedByName("tatara-artifact-store")).isFalse();
    }

    private static boolean allowedByName(String secret) {
        return chart.as(InstalledChart.OPERATOR)
                .authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withVerb("get")
                        .withResource("secrets")
                        .withName(secret)
                        .withNamespace("tatara-system")
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            vera  | may     | list    | inferenceservices
            vera  | may not | create  | inferenceservices
            erin  | may     | create  | modelversions
            erin  | may     | delete  | driftpolicies
            erin  | may     | patch   | inferenceservices/scale
            erin  | may not | patch   | modelversions/status
            erin  | may not | approve | modelversions
            erin  | may not | approve-for-others | modelversions
            erin  | may not | approve | inferenceservices
            nadia | may     | approve | modelversions
            nadia | may     | approve | inferenceservices
            nadia | may not | approve-for-others | modelversions
            nadia | may not | patch   | modelversions/status
            alice | may     | approve | modelversions
            alice | may     | patch   | modelversions
            alice | may not | create  | modelversions
            alice | may not | patch   | inferenceservices
            """)
    void hasRolesForPeople(String user, String may, String verb, String resource) {
        assertThat(allowed(chart, user, verb, "mlops.tatara.dev", resource, "team-a"))
                .isEqualTo(may.equals("may"));
    }

    /** Whether somebody may do something in a namespace. */
    static boolean allowed(
            InstalledChart chart, String user, String verb, String group, String resource, String namespace) {
        var parts = resource.split("/", 2);
        var review = new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withVerb(verb)
                .withGroup(group)
                .withResource(parts[0])
                .withSubresource(parts.length == 2 ? parts[1] : "")
                .withNamespace(namespace)
                .endResourceAttributes()
                .endSpec()
                .build();
        return chart.as(user)
                .authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(review)
                .getStatus()
                .getAllowed();
    }
}
