package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.traffic.TrafficTable.HeaderMatch;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** During an experiment the ledger says who asked, in whichever pod answered. */
class SubjectIT {
    private static final int PEOPLE = 20;

    @TempDir
    Path folder;

    @Test
    void theSamePersonHasTheSameSubjectOnOneSide() throws Exception {
        try (StoredObservations store = new StoredObservations(folder)) {
            Map<String, String> environment = new HashMap<>(store.environment("TATARA_RUNTIME_LEDGER_ENABLED", "true"));
            environment.keySet().removeAll(List.of("MODEL_URI", "MODEL_VERSION", "TATARA_REVISION"));
            try (RoutedPods pods = new RoutedPods()) {
                pods.launch(STABLE, environment).awaitReady();
                pods.launch(CANDIDATE, environment).awaitReady();
                pods.push(pods.table(
                        List.of(pods.entry(CANDIDATE, 50), pods.entry(STABLE, 50)),
                        List.of(new HeaderMatch("x-canary", "true", CANDIDATE)),
                        "x-user-id",
                        null));
                for (int request = 0; request < 2 * PEOPLE; request++) {
                    ask(pods, "p" + request, "x-user-id", "user-" + request % PEOPLE);
                }
                ask(pods, "matched", "x-user-id", "user-0", "x-canary", "true");
                ask(pods, "nobody");
                for (String revision : List.of(STABLE, CANDIDATE)) {
                    pods.first(revision).terminate();
                    assertThat(pods.first(revision).awaitExit()).isZero();
                }
            }
            assertThat(
                            store.query(
                                    "select count(*), count(distinct subject),"
                                            + " count(distinct subject || revision), count(distinct revision),"
                                            + " bool_and(regexp_full_match(subject, '[0-9a-f]{16}')) from ledger where request_id like 'p%'"))
                    .isEqualTo(2 * PEOPLE + "|" + PEOPLE + "|" + PEOPLE + "|2|true");
            assertThat(store.query("select count(*) from (select subject from ledger where request_id like 'p%'"
                            + " group by subject having count(distinct substr(request_id, 2)::int % " + PEOPLE
                            + ") > 1)"))
                    .isEqualTo("0");
            assertThat(store.query("select request_id, subject, revision from ledger where request_id = 'matched'"))
                    .isEqualTo("matched|null|" + CANDIDATE);
            assertThat(store.query("select subject from ledger where request_id = 'nobody'"))
                    .isEqualTo("null");
        }
    }

    private static void ask(RoutedPods pods, String id, String... headers) throws Exception {
        String[] all = new String[headers.length + 2];
        all[0] = "Content-Type";
        all[1] = "application/json";
        System.arraycopy(headers, 0, all, 2, headers.length);
        assertThat(pods.first(STABLE)
                        .post("/predict", "{\"features\":[5.1,3.5,1.4,0.2],\"request_id\":\"" + id + "\"}", all)
                        .statusCode())
                .isEqualTo(200);
    }
}
