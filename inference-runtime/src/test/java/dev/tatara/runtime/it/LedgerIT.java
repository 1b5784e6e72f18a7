package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions, their keys and their labels meet again in the store. */
class LedgerIT {
    private static final String JOIN = " from ledger l join feedback f using (request_id, row)";

    @TempDir
    Path folder;

    @Test
    void labelsByNameAndByNumberMeetTheirPrediction() throws Exception {
        try (StoredObservations store = new StoredObservations(folder)) {
            try (ServerProcess server = ServerProcess.start(store.environment(
                    "TATARA_RUNTIME_LEDGER_ENABLED", "true",
                    "TATARA_RUNTIME_MODEL_CLASSES", "setosa,versicolor,virginica"))) {
                for (String id : new String[] {"name", "number", "wrong-name", "wrong-number"}) {
                    assertThat(server.post("/predict", "{\"features\":[5.1,3.5,1.4,0.2],\"request_id\":\"" + id + "\"}")
                                    .body())
                            .contains("\"prediction\":\"setosa\"");
                }
                assertThat(server.post(
                                        "/v2/models/iris/infer",
                                        "{\"id\":\"v2\",\"outputs\":[{\"name\":\"label\"}],\"inputs\":[{\"name\":\"X\","
                                                + "\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2,6.3,3.3,6,2.5]}]}")
                                .statusCode())
                        .isEqualTo(200);
                assertThat(server.post("/feedback", """
                                [{"request_id":"name","label":"setosa"}, {"request_id":"number","label":0},
                                 {"request_id":"wrong-name","label":"virginica"}, {"request_id":"wrong-number","label":2},
                                 {"request_id":"v2","label":0}, {"request_id":"v2","row":1,"label":"virginica"},
                                 {"request_id":"nobody","label":1}]
                                """).statusCode()).isEqualTo(202);
                server.terminate();
                assertThat(server.awaitExit()).isZero();
            }
            assertThat(store.query("select request_id, row, prediction, raw, isnan(score), keys from ledger"
                            + " where request_id in ('name', 'v2') order by request_id, row"))
                    .isEqualTo("""
                            name|0|setosa|0|false|null
                            v2|0|setosa|0|true|null
                            v2|1|virginica|2|true|null""");
            assertThat(store.query("select request_id, row, f.label in (l.prediction, l.raw)" + JOIN + " order by all"))
                    .isEqualTo("""
                            name|0|true
                            number|0|true
                            v2|0|true
                            v2|1|true
                            wrong-name|0|false
                            wrong-number|0|false""");
        }
    }

    @Test
    void keysStandBesideWhatWasPredictedByThem() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                OnlineStore online = new OnlineStore(folder).fill()) {
            Map<String, String> environment = store.environment(
                    "TATARA_RUNTIME_LEDGER_ENABLED", "true",
                    "TATARA_RUNTIME_LOGGING_HASH", "garden");
            environment.putAll(online.environment());
            try (ServerProcess server = ServerProcess.start(environment)) {
                server.post(
                        "/predict/batch",
                        "{\"request_id\":\"keys\",\"entities\":[{\"plant\":1,\"garden\":\"north\"},"
                                + "{\"plant\":2,\"garden\":\"north\"}]}");
                server.post(
                        "/predict", "{\"request_id\":\"both\",\"a\":5.1,\"b\":3.5,\"c\":1.4,\"d\":0.2,\"plant\":7}");
                server.post("/predict", "{\"request_id\":\"none\",\"features\":[5.1,3.5,1.4,0.2]}");
                server.terminate();
                assertThat(server.awaitExit()).isZero();
            }
            assertThat(
                            store.query(
                                    "select request_id, row, prediction, keys->>'plant',"
                                            + " regexp_matches(keys->>'garden', '^[0-9a-f]{32}$') from ledger order by request_id, row"))
                    .isEqualTo("""
                            both|0|0|7|null
                            keys|0|0|1|true
                            keys|1|2|2|true
                            none|0|0|null|null""");
        }
    }
}
