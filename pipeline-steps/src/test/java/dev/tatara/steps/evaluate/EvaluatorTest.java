package dev.tatara.steps.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.steps.TerminationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluatorTest {
    @TempDir
    Path folder;

    private Evaluations evaluations() {
        return new Evaluations(folder);
    }

    private static Evaluated good(StepResult<Evaluated> result) {
        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        return result.details();
    }

    @ParameterizedTest
    @CsvSource({
        "iris, iris, target, region;species",
        "iris-text, iris, species, region;target",
        "iris-zipmap, iris, species, region;target",
        "iris-softmax, iris, target, region;species",
        "iris-worse, iris, target, region;species",
        "cancer, cancer, benign, patient",
        "cancer-columns, cancer, benign, ''",
        "cancer-sigmoid, cancer, benign, patient",
        "diabetes, diabetes, progression, ''"
    })
    void agreesWithScikitLearn(String model, String data, String label, String notFeatures) throws Exception {
        var evaluations = evaluations().on(data).with("not-features", notFeatures.split(";", -1));
        var details = good(evaluations.of(model, label, "{}"));
        var compared = 0;
        for (var entry : Evaluations.expected().entrySet()) {
            if (entry.getKey().startsWith(model + " ")
                    && entry.getKey().indexOf(' ') == entry.getKey().lastIndexOf(' ')) {
                var metric = entry.getKey().substring(model.length() + 1);
                // Classes are the same everywhere; the last bits of a probability may differ by processor.
                var tolerance = metric.equals("log_loss") || model.equals("diabetes") ? 1e-5 : 1e-9;
                assertThat(details.metrics().get(metric)).as(metric).isCloseTo(entry.getValue(), within(tolerance));
                compared++;
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(3);
        assertThat(details.undefined()).isEmpty();
        assertThat(details.metrics())
                .containsKeys("stability", "latencyP50Millis", "latencyP99Millis", "latencyMeanMillis");
    }

    @Test
    void everyGateIsJudged() throws Exception {
        var evaluations =
                evaluations().on("iris").with("not-features", "species").beside("iris-worse");
        var result = evaluations.of("iris", "target", """
                {gates: [{metric: accuracy, min: 0.95}, {metric: f1, min: 0.99}, {metric: accuracy, max: 0.9},
                  {metric: auc, min: 0.5}, {metric: accuracy, notWorseThan: Production, tolerance: 0.01},
                  {metric: log_loss, notWorseThan: Production}, {metric: accuracy, slice: region, min: 0.94},
                  {metric: accuracy, slice: region, min: 0.5}, {metric: stability, noise: 0.01, min: 0.9},
                  {metric: stability, noise: 5, min: 0.99}, {metric: latencyP99Millis, max: 100000},
                  {metric: latencyMeanMillis, max: 0.0000001}, {leakage: {maxCorrelation: 0.99}},
                  {leakage: {maxCorrelation: 0.5}}, {classRate: {maxDeviation: 0.1}}, {classRate: {maxDeviation: 0.001}}]}
                """);
        assertThat(result.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo("GatesFailed");
        assertThat(result.message()).contains("gates don't hold", "f1 >= 0.99: found 0.949339, expected at least 0.99");
        var gates = result.details().gates();
        assertThat(gates.stream().map(gate -> (gate.holds() ? "+ " : "- ") + gate.gate()))
                .containsExactly(
                        "+ accuracy >= 0.95",
                        "- f1 >= 0.99",
                        "- accuracy <= 0.9",
                        "+ roc_auc >= 0.5",
                        "+ accuracy not worse than Production by more than 0.01 (0.666667)",
                        "+ log_loss not worse than Production (0.440399)",
                        "- accuracy where region=north >= 0.94",
                        "+ accuracy where region=north >= 0.5",
                        "+ stability under noise of 0.01 >= 0.9",
                        "- stability under noise of 5 >= 0.99",
                        "+ latencyP99Millis <= 100000",
                        "- latencyMeanMillis <= 1e-7".replace("1e-7", "1.00000e-07"),
                        "+ correlation of a feature with the label <= 0.99",
                        "- correlation of a feature with the label <= 0.5",
                        "+ classRate deviation <= 0.1",
                        "- classRate deviation <= 0.001");
        assertThat(result.details().gatesFailed()).isEqualTo(7);
        assertThat(gates.get(1).missedBy()).isCloseTo(0.99 - 0.9493392995945463, within(1e-9));
        assertThat(gates.get(13).reason()).contains("petal_width", "leave out what isn't known");
        assertThat(evaluations.output().resolve("card.html")).as("is kept").exists();
        var compared = evaluations.json("metrics.json").at("/measured/compared/Production");
        assertThat(compared.at("/metrics/accuracy/value").asDouble()).isCloseTo(0.6666666666666666, within(1e-9));
        assertThat(compared.at("/distribution/agreement").asDouble()).isBetween(0.5, 0.8);
        assertThat(compared.at("/distribution/populationStability").asDouble()).isGreaterThan(0.2);
    }

    @Test
    void worseThanProduction() throws Exception {
        var evaluations =
                evaluations().on("iris").with("not-features", "species").beside("iris");
        var result = evaluations.of(
                "iris-worse", "target", "{gates: [{metric: accuracy, notWorseThan: Production, tolerance: 0.01}]}");
        assertThat(result.reason()).isEqualTo("GatesFailed");
        var gate = result.details().gates().getFirst();
        assertThat(gate.missedBy()).isCloseTo(0.94 - 0.6666666666666666, within(1e-9));
        assertThat(gate.min()).isCloseTo(0.94, within(1e-9));
    }

    @Test
    void gatesAddToTheMetricsOfTheTaskAndToThoseThatWereAskedFor() throws Exception {
        var evaluations = evaluations().on("iris").with("not-features", "species");
        assertThat(good(evaluations.of("iris", "target", "{gates: [{metric: f1, min: 0.5}]}"))
                        .metrics())
                .containsKeys("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss");
        assertThat(good(evaluations.of("iris", "target", "{metrics: [recall], gates: [{metric: f1, min: 0.5}]}"))
                        .metrics())
                .containsKeys("recall", "f1")
                .doesNotContainKeys("accuracy", "log_loss");
    }

    @Test
    void theFirstVersionHasNothingToBeWorseThan() throws Exception {
        var evaluations = evaluations().on("iris").with("not-features", "species");
        var details = good(
                evaluations.of("iris", "target", "{gates: [{metric: accuracy, notWorseThan: Production, min: 0.9}]}"));
        assertThat(details.gates().getFirst().reason()).contains("no version in Production");
    }

    @Test
    void aProductionThatCannotBeRunHoldsNoGate() throws Exception {
        var evaluations =
                evaluations().on("iris").with("not-features", "species").beside("cancer");
        var result = evaluations.of("iris", "target", "{gates: [{metric: accuracy, notWorseThan: Production}]}");
        assertThat(result.reason()).isEqualTo("GatesFailed");
        assertThat(result.details().gates().getFirst().reason()).contains("Production", "can't be run on these rows");
    }

    @Test
    void answersThatAreNotNumbersFailWithTheirReason() throws Exception {
        var result = evaluations().on("diabetes").of("diverged", "progression", "{gates: [{metric: rmse, max: 60}]}");
        assertThat(result.reason()).isEqualTo("GatesFailed");
        assertThat(result.details().gates().getFirst().reason())
                .contains("177 of 177 answers are NaN or infinite", "diverged");
        assertThat(result.details().undefined()).containsKey("rmse");
        assertThat(result.details().metrics()).doesNotContainKey("rmse");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iris | species | {metrics: [accuracy]} | LabelMismatch | the model answers 0, 1, 2, the label column species holds setosa",
                "iris | kind | {} | LabelMismatch | the label column kind isn't in the test data, which has sepal_length",
                "iris | target | {metrics: [accurracy]} | InvalidDefinition | unknown metric accurracy: expected one of accuracy",
                "iris | target | {metrics: [accuracy, rmse]} | InvalidDefinition | metrics of classification and of regression together",
                "iris | target | {gates: [{metric: accuracy}]} | InvalidDefinition | has no bound",
                "iris | target | {gates: [{metric: accuracy, slice: country, min: 0.5}]} | InvalidDefinition | slice country isn't a column of the test data",
                "iris | species | {metrics: [rmse]} | LabelMismatch | a model of numbers is judged by numbers",
                "cancer | target | {} | ColumnsMismatch | takes 6 values of FP32 for a row, the data has 4 columns",
                "iris-softmax | target | {metrics: [rmse]} | UnsupportedModel | has 3 numbers for a row; metrics of regression need one",
                "cancer-columns | target | {} | ColumnsMismatch | aren't columns of the data, which has sepal_length"
            })
    void saysWhatToDo(String model, String label, String evaluation, String reason, String words) throws Exception {
        // A text can't be fed into FP32, so species and region need not be left out.
        var evaluations = evaluations().on("iris");
        if (!label.equals("target")) {
            evaluations.with("not-features", "target");
        }
        var result = evaluations.of(model, label, evaluation);
        assertThat(result.reason()).as(result.message()).isEqualTo(reason);
        assertThat(result.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result.message()).contains(words);
    }

    @Test
    void labelsThatAreNoClasses() throws Exception {
        var evaluations = evaluations().on("iris", "select * replace (random() as target) from held_back, range(40)");
        var result = evaluations.of("iris", "target", "{}");
        assertThat(result.reason()).isEqualTo("LabelMismatch");
        assertThat(result.message()).contains("more than 1000 different values", "metrics of regression");
    }

    @Test
    void rowsWithoutLabelAreLeftOut() throws Exception {
        var some = evaluations().on("iris", "select * replace (if(target = 2, null, target) as target) from held_back");
        var details = good(some.with("not-features", "species").of("iris", "target", "{}"));
        assertThat(details.rows()).isLessThan(60);
        var none = new Evaluations(folder).on("iris", "select * replace (null::integer as target) from held_back");
        var result = none.of("iris", "target", "{}");
        assertThat(result.reason()).isEqualTo("NoRows");
        assertThat(result.message()).contains("60 rows without", "labelColumn");
    }

    @Test
    void namedClassesAndFeaturesInTheModelsOrder() throws Exception {
        var evaluations = evaluations()
                .on("iris", "select petal_width, species, sepal_length, petal_length, sepal_width from held_back")
                .with("features", "sepal_length", "sepal_width", "petal_length", "petal_width")
                .with("classes", "setosa", "versicolor", "virginica");
        var details = good(evaluations.of("iris", "species", "{}"));
        assertThat(details.metrics().get("accuracy")).isCloseTo(0.95, within(1e-9));
        assertThat(details.metrics().get("roc_auc")).isCloseTo(0.9914969135802468, within(1e-9));
        assertThat(details.classes()).containsExactly("setosa", "versicolor", "virginica");
        assertThat(details.inputs().getFirst().features())
                .containsExactly("sepal_length", "sepal_width", "petal_length", "petal_width");
    }

    @Test
    void aFeatureThatGivesTheLabelAway() throws Exception {
        var evaluations = evaluations()
                .on("cancer", "select * replace (benign::integer * 3.5 as mean_texture) from held_back")
                .with("not-features", "patient");
        var result = evaluations.of("cancer", "benign", "{gates: [{leakage: {maxCorrelation: 0.99}}]}");
        assertThat(result.reason()).isEqualTo("GatesFailed");
        assertThat(result.details().gates().getFirst().reason()).contains("mean_texture (1)");
    }

    @Test
    void theProfileHasWhatPodsSketch() throws Exception {
        var evaluations = evaluations().on("iris").with("not-features", "species");
        good(evaluations.of("iris", "target", "{}"));
        var document = evaluations.json("profile.json");
        assertThat(document.get("schema").asText()).isEqualTo("tatara.dev/profile/v1");
        var pane =
                PaneFormat.read(Base64.getDecoder().decode(document.get("pane").asText()));
        assertThat(pane.rowsSeen()).isEqualTo(60);
        assertThat(pane.columns().stream().map(Pane.Column::name))
                .containsExactly(
                        "sepal_length",
                        "sepal_width",
                        "petal_length",
                        "petal_width",
                        "label",
                        "probabilities[0]",
                        "probabilities[1]",
                        "probabilities[2]");
        var width = (NumberSketch)
                pane.column(Pane.Role.Feature, "petal_width").orElseThrow().sketch();
        assertThat(width.distinct().orElseThrow())
                .as("what an FP32 input is given")
                .containsKey((double) 0.2f);
        var label = (CategorySketch)
                pane.column(Pane.Role.Prediction, "label").orElseThrow().sketch();
        assertThat(label.top(3).stream().map(CategorySketch.Frequency::value)).containsExactlyInAnyOrder("0", "1", "2");
        assertThat(document.at("/columns/0/quantiles/0.5").asDouble()).isBetween(5.0, 7.0);
    }

    @Test
    void theCardIsOneFileAndShowsNamesAsText() throws Exception {
        var evaluations = evaluations()
                .on("iris", "select *, '<script>' || region as \"a<b\" from held_back")
                .with("not-features", "species");
        good(evaluations.of(
                "iris",
                "target",
                "{gates: [{metric: accuracy, min: 0.5}, {metric: accuracy, slice: region, min: 0.5}]}"));
        var card = Files.readString(evaluations.output().resolve("card.html"));
        assertThat(card).contains("Confusion matrix", "ROC curves", "Importance of features", "By region", "holds");
        assertThat(card).doesNotContain("<script", "http:", "https:", "src=").doesNotContain("NaN");
        var numbers = new Evaluations(folder).on("diabetes");
        good(numbers.of("diabetes", "progression", "{}"));
        assertThat(Files.readString(numbers.output().resolve("card.html"))).contains("Answers beside labels");
    }

    @Test
    void fitsATerminationMessage() throws Exception {
        var gates = new StringBuilder("{gates: [");
        for (int i = 0; i < 60; i++) {
            gates.append("{metric: accuracy, slice: region, min: 0.99")
                    .append(i)
                    .append("}, ");
        }
        var evaluations = evaluations().on("iris").with("not-features", "species");
        var result = evaluations.of("iris", "target", gates.append("]}").toString());
        assertThat(result.details().gates()).hasSizeGreaterThan(100);
        var message = TerminationMessage.of(result, Evaluated::shorter);
        assertThat(message.length).isLessThanOrEqualTo(TerminationMessage.MAX_BYTES);
        var read = dev.tatara.contracts.StepResultCodec.fromJson(
                new String(message, java.nio.charset.StandardCharsets.UTF_8), Evaluated.class);
        assertThat(read.details().truncated()).isTrue();
        assertThat(read.details().gatesFailed()).isEqualTo(result.details().gatesFailed());
        assertThat(read.details().metrics()).containsKey("accuracy");
        assertThat(read.details().profile()).isEqualTo(result.details().profile());
    }

    @Test
    void theSameInputsGiveTheSameFigures() throws Exception {
        var figures = new TreeSet<String>();
        for (int i = 0; i < 2; i++) {
            var evaluations = new Evaluations(folder).on("cancer").with("not-features", "patient");
            good(evaluations.of("cancer", "benign", "{gates: [{metric: stability, noise: 0.2, min: 0.1}]}"));
            var document = evaluations.json("metrics.json");
            figures.add(List.of(
                            document.at("/measured/metrics/roc_auc"),
                            document.at("/measured/stability"),
                            document.at("/measured/importance"),
                            document.at("/measured/leakage"))
                    .toString());
        }
        assertThat(figures).hasSize(1);
    }

    @Test
    void theCardShowsHowTheTrainingWentOn() throws Exception {
        var evaluations = evaluations()
                .on("iris")
                .with("not-features", "species", "region")
                .after("{\"step\": 1, \"loss <b>\": 0.5}", "{\"step\": 2, \"loss <b>\": 0.25}", "no line of ours");
        good(evaluations.of("iris", "target", "{metrics: [accuracy]}"));
        assertThat(Files.readString(evaluations.output().resolve("card.html")))
                .contains("<h2>Training</h2>", "<title>loss &lt;b&gt;</title>")
                .doesNotContain("<b>");

        Files.delete(folder.resolve("progress.jsonl"));
        good(evaluations.of("iris", "target", "{metrics: [accuracy]}"));
        assertThat(Files.readString(evaluations.output().resolve("card.html"))).doesNotContain("<h2>Training</h2>");
    }
}
