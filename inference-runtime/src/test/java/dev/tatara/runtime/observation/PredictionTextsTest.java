package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.model.ClassNames;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.observation.PredictionTexts.Told;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PredictionTextsTest {
    private static final OutputRoles CLASSIFIER = new OutputRoles(0, 1, -1);
    private static final OutputRoles VALUE = new OutputRoles(-1, -1, 0);
    private static final ClassNames FLOWERS = new ClassNames(List.of("setosa", "versicolor", "virginica"));
    private static final ClassNames NONE = new ClassNames(List.of());

    private static ServedModel iris;

    @BeforeAll
    static void load() {
        iris = TestModels.load("iris");
    }

    @AfterAll
    static void close() {
        iris.close();
    }

    /** What is told of an answer of two rows; the outputs are asked for by their positions. */
    private static List<Told> told(OutputRoles roles, ClassNames classes, OnnxValue... outputs) {
        InferenceRequest request = Answers.request(iris, 4, 5, 3, 1, 0, 6, 3, 5, 2);
        try {
            int[] positions = new int[outputs.length];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = i;
            }
            request.setOutputs(positions);
            PredictionTexts.Answered answered = new PredictionTexts(roles, classes).of(request, Answers.of(outputs));
            return List.of(answered.row(0), answered.row(1));
        } finally {
            request.free();
        }
    }

    private static List<String> texts(List<Told> told) {
        List<String> texts = new ArrayList<>();
        told.forEach(one -> texts.add(one.prediction() + "/" + one.raw()));
        return texts;
    }

    private static OnnxValue labels(long... labels) {
        return Answers.longs(new long[] {labels.length}, labels);
    }

    private static OnnxValue probabilities() {
        return Answers.floats(new long[] {2, 3}, 0.9f, 0.1f, 0, 0, 0.25f, 0.75f);
    }

    @Test
    void aClassIsCalledByItsNameAndByTheModelsOwnLabel() {
        List<Told> told = told(CLASSIFIER, FLOWERS, labels(0, 2), probabilities());
        assertThat(texts(told)).containsExactly("setosa/0", "virginica/2");
        assertThat(told.getLast().score()).isCloseTo(0.75, within(1e-7));
    }

    @Test
    void aClassWithoutANameIsTheLabelTwice() {
        assertThat(texts(told(CLASSIFIER, NONE, labels(0, 7), probabilities()))).containsExactly("0/0", "7/7");
        assertThat(texts(told(CLASSIFIER, new ClassNames(List.of("a", "b")), labels(0, 1), probabilities())))
                .as("names of other classes than these")
                .containsExactly("0/0", "1/1");
        assertThat(texts(told(CLASSIFIER, FLOWERS, labels(0, 3)))).containsExactly("setosa/0", "3/3");
    }

    @Test
    void namesCountMoreThanPositionsWhereTheyLookLikeSome() {
        ClassNames upsideDown = new ClassNames(List.of("2", "1", "0"));
        assertThat(texts(told(CLASSIFIER, upsideDown, labels(0, 2), probabilities())))
                .as("a label of 0 means the class of that name")
                .containsExactly("2/2", "0/0");
    }

    @Test
    void keysOfMapsTellWhichClassALabelIs() {
        OnnxValue keys = Answers.longs(new long[] {3}, 10, 20, 30);
        OnnxValue maps = new OnnxValue.Sequence(List.of(
                new OnnxValue.Mapping(keys, Answers.floats(new long[] {3}, 0.9f, 0.1f, 0)),
                new OnnxValue.Mapping(keys, Answers.floats(new long[] {3}, 0, 0.25f, 0.75f))));
        List<Told> told = told(CLASSIFIER, FLOWERS, labels(10, 30), maps);
        assertThat(texts(told)).containsExactly("setosa/10", "virginica/30");
        assertThat(told.getFirst().score()).isCloseTo(0.9, within(1e-7));
    }

    @Test
    void withoutALabelItIsThePositionOfTheHighestAndItsName() {
        OutputRoles value = new OutputRoles(-1, -1, 0);
        assertThat(texts(told(value, NONE, probabilities()))).containsExactly("0/0", "2/2");
        assertThat(texts(told(value, FLOWERS, probabilities()))).containsExactly("setosa/0", "virginica/2");
    }

    @Test
    void aNumberIsAsPredictWritesIt() {
        List<Told> told = told(VALUE, NONE, Answers.floats(new long[] {2, 1}, 0.1f, Float.NaN));
        assertThat(texts(told)).containsExactly("0.1/0.1", "NaN/NaN");
        assertThat(told.getFirst().score()).isEqualTo(0.1f);
    }

    @Test
    void textsAndTruthValuesAreTheirOwnNames() {
        OnnxValue texts = new OnnxValue.Strings(
                new long[] {2}, List.of("ä".getBytes(StandardCharsets.UTF_8), "b".getBytes(StandardCharsets.UTF_8)));
        assertThat(texts(told(CLASSIFIER, NONE, texts))).containsExactly("ä/ä", "b/b");
        MemorySegment memory = Arena.ofAuto().allocate(2);
        memory.set(ValueLayout.JAVA_BYTE, 1, (byte) 1);
        OnnxValue truths = new OnnxValue.Numbers(Datatype.BOOL, new long[] {2}, memory);
        assertThat(texts(told(CLASSIFIER, NONE, truths))).containsExactly("false/false", "true/true");
    }

    @Test
    void whoAskedForNeitherLabelNorScoresIsToldNothing() {
        List<Told> told = told(new OutputRoles(1, -1, -1), FLOWERS, probabilities());
        assertThat(texts(told)).containsExactly("/", "/");
        assertThat(told.getFirst().score()).isNaN();
    }
}
