package dev.tatara.operator.trainingjob.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.modelversion.FeatureColumn;
import dev.tatara.api.v1alpha1.modelversion.Lineage;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec.SignatureSpec;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.api.v1alpha1.trainingjob.Dataset.ViewReference;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.TrainedModel;
import dev.tatara.contracts.Evaluated;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The version that a good run registers. It is created once and never written again: people own its stage and its
 * approval. It has no owner, so it outlives the TrainingJob.
 */
final class Registration {
    /** Longest name that a ModelVersion may have. */
    private static final int MAX_NAME = 40;

    private static final int MAX_METRICS = 64;
    private static final int MAX_CLASSES = 1000;
    private static final int MAX_FEATURES = 1024;
    private static final Pattern WHOLE = Pattern.compile("\\d{1,18}");
    private static final Pattern IDENTIFIER = Pattern.compile(Grammar.IDENTIFIER);
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^a-z0-9]+");

    private final TrainingRun run;
    private final TrainedModel model;
    private final List<ModelVersion> versions;

    /**
     * Registers what a run made.
     *
     * @param versions the ModelVersions of the namespace that are of the model or have a name that one could have
     */
    Registration(TrainingRun run, TrainedModel model, List<ModelVersion> versions) {
        this.run = run;
        this.model = model;
        this.versions = versions;
    }

    /** The version that the run has registered, if it has. */
    Optional<ModelVersion> existing() {
        return versions.stream().filter(version -> isOf(run, version)).findFirst();
    }

    /** Whether a run registered this version: by its labels and by the file, which lies in the run's own folder. */
    static boolean isOf(TrainingRun run, ModelVersion version) {
        var labels = version.getMetadata().getLabels();
        return labels != null
                && run.name().equals(labels.get(Labels.ownerKey(TrainingJob.class)))
                && Long.toString(run.number()).equals(labels.get(RunLabels.RUN))
                && version.getSpec() != null
                && version.getSpec().source() != null
                && version.getSpec().source().uri().contains(run.folder() + "/");
    }

    /** The version to create. */
    ModelVersion render(Evaluated evaluated, List<Lineage.Dataset> datasets) {
        var spec = run.spec();
        var number = next();
        var template = spec.registeredVersionTemplate();
        var labels = new LinkedHashMap<String, String>();
        var annotations = new LinkedHashMap<String, String>();
        if (template != null && template.metadata() != null) {
            labels.putAll(template.metadata().labels());
            annotations.putAll(template.metadata().annotations());
        }
        labels.put(Labels.ownerKey(TrainingJob.class), run.name());
        labels.put(RunLabels.RUN, Long.toString(run.number()));
        var version = new ModelVersion();
        version.setMetadata(new ObjectMetaBuilder()
                .withName(nameOf(spec.model(), number))
                .withNamespace(run.namespace())
                .withLabels(labels)
                .withAnnotations(annotations.isEmpty() ? null : annotations)
                .build());
        var register = spec.register();
        version.setSpec(new ModelVersionSpec(
                spec.model(),
                number.toString(),
                new ModelVersionSpec.Source(ClaimUri.unmounted(model.uri()), model.sha256(), null, null),
                register == null || register.stage() == null ? Stage.Staging : register.stage(),
                metricsOf(evaluated),
                List.of(),
                register == null
                                || register.approval() == null
                                || !Boolean.TRUE.equals(register.approval().required())
                        ? null
                        : new ModelVersionSpec.Approval(true, null),
                evaluated.profile() == null
                        ? null
                        : new ModelVersionSpec.Baseline(
                                ClaimUri.unmounted(evaluated.profile().uri()),
                                evaluated.profile().sha256()),
                signatureOf(evaluated),
                cardOf(spec),
                lineage(datasets),
                template == null ? null : template.review(),
                spec.artifactStore()));
        return version;
    }

    /** One above the highest number, and above those whose names are taken. */
    private BigInteger next() {
        var number = versions.stream()
                .filter(version -> version.getSpec() != null
                        && run.spec().model().equals(version.getSpec().model()))
                .map(version -> version.getSpec().version())
                .filter(version -> WHOLE.matcher(version).matches())
                .map(BigInteger::new)
                .max(BigInteger::compareTo)
                .orElse(BigInteger.ZERO)
                .add(BigInteger.ONE);
        var names = versions.stream()
                .map(version -> version.getMetadata().getName())
                .toList();
        while (names.contains(nameOf(run.spec().model(), number))) {
            number = number.add(BigInteger.ONE);
        }
        return number;
    }

    /** {@code <model>-<version>}, fit for the name of an object; what had to be changed is told apart by a digest. */
    static String nameOf(String model, BigInteger number) {
        var suffix = "-" + number;
        var name = NOT_IN_NAMES.matcher(model.toLowerCase(Locale.ROOT)).replaceAll("-");
        if (name.equals(model) && name.length() + suffix.length() <= MAX_NAME) {
            return name + suffix;
        }
        var digest = "-" + Digests.of(model, 6);
        var length = Math.min(name.length(), MAX_NAME - suffix.length() - digest.length());
        return name.substring(0, length).replaceFirst("-+$", "") + digest + suffix;
    }

    private Lineage lineage(List<Lineage.Dataset> datasets) {
        return new Lineage(
                run.name(),
                run.number(),
                model.trainedAt(),
                null,
                model.trainerImage(),
                run.seed(),
                hyperparameters(),
                datasets,
                run.spec().dataset().featureViews().stream()
                        .map(ViewReference::name)
                        .toList(),
                run.mlflowRun());
    }

    /** Those of the specification, with what was searched as the best trial had it. */
    private JsonNode hyperparameters() {
        var given = run.spec().hyperparameters();
        if (model.parameters() == null) {
            return given;
        }
        if (!(given instanceof ObjectNode object)) {
            return model.parameters();
        }
        var all = object.deepCopy();
        model.parameters().properties().forEach(entry -> all.set(entry.getKey(), entry.getValue()));
        return all;
    }

    private static Map<String, Double> metricsOf(Evaluated evaluated) {
        var some = new LinkedHashMap<String, Double>();
        Bounded.finite(evaluated.metrics()).entrySet().stream()
                .limit(MAX_METRICS)
                .forEach(metric -> some.put(metric.getKey(), metric.getValue()));
        return some;
    }

    private static ModelVersionSpec.Card cardOf(TrainingJobSpec spec) {
        var card = spec.registeredVersionTemplate() == null
                ? null
                : spec.registeredVersionTemplate().card();
        if (card == null) {
            return spec.owner() == null ? null : new ModelVersionSpec.Card(spec.owner(), null, null, null);
        }
        return new ModelVersionSpec.Card(
                card.owner() == null ? spec.owner() : card.owner(),
                card.description(),
                card.intendedUse(),
                card.limitations());
    }

    private static SignatureSpec signatureOf(Evaluated evaluated) {
        var inputs = new ArrayList<SignatureSpec.Input>();
        for (var input : evaluated.inputs()) {
            if (isSpeakable(input.features())) {
                inputs.add(new SignatureSpec.Input(
                        input.name(),
                        IntStream.range(0, input.features().size())
                                .mapToObj(
                                        i -> new FeatureColumn(input.features().get(i), i, null))
                                .toList()));
            }
        }
        var task = Stream.of(Task.values())
                .filter(value -> value.name().equals(evaluated.task()))
                .findFirst()
                .orElse(null);
        var classes = evaluated.classes().size() > MAX_CLASSES ? List.<String>of() : evaluated.classes();
        return task == null && classes.isEmpty() && inputs.isEmpty() ? null : new SignatureSpec(task, classes, inputs);
    }

    /** Whether the schema takes these names: one that it doesn't would keep the whole version out. */
    private static boolean isSpeakable(List<String> features) {
        return !features.isEmpty()
                && features.size() <= MAX_FEATURES
                && features.stream().distinct().count() == features.size()
                && features.stream()
                        .allMatch(name -> name.length() <= Grammar.IDENTIFIER_LENGTH
                                && IDENTIFIER.matcher(name).matches());
    }
}
