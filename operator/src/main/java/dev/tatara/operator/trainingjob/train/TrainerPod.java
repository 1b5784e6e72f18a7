package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.Trainer;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.steps.StepContainer;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.steps.StoreAccess;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * The pod of an attempt at training: {@code fetch} brings the data, {@code trainer} is the user's, {@code publish} takes
 * the model. Only the first and the last know the artifact store; what is held back for the test never reaches the pod.
 */
final class TrainerPod {
    static final String FETCH = "fetch";
    static final String TRAINER = "trainer";
    static final String PUBLISH = "publish";

    private static final String INPUT = "/tatara/input";
    private static final String OUTPUT = "/tatara/output";
    private static final String HYPERPARAMETERS = "/tatara/hyperparameters";
    private static final String STORE_ENDPOINT = "TATARA_STORE_ENDPOINT";
    private static final String STORE_VOLUME = "store-credentials";
    private static final Quantity SCRATCH = new Quantity("256Mi");
    private static final Quantity SMALL_FILES = new Quantity("16Mi");
    /** Taints of machines that may be taken away, as the clouds set them. */
    private static final List<Toleration> SPOT =
            List.of(spot("cloud.google.com/gke-spot", "true"), spot("kubernetes.azure.com/scalesetpriority", "spot"));

    private final TrainerRun run;
    private final TrainerSettings settings;
    private final StoreAccess store;
    private final TrainerResources resources;

    private TrainerPod(TrainerRun run, TrainerSettings settings) {
        this.run = run;
        this.settings = settings;
        this.store = run.store();
        this.resources = new TrainerResources(run.trainer().resources(), settings);
    }

    static StepPod render(TrainerRun run, TrainerSettings settings) {
        return new TrainerPod(run, settings).pod();
    }

    /** What the pod tolerates of machines that may be taken away. */
    static List<Toleration> tolerations(Trainer trainer) {
        return toleratesSpot(trainer) ? SPOT : List.of();
    }

    /** Whether a pod that is taken away uses up a retry: only where somebody says so. */
    static boolean countsDisruptions(Trainer trainer) {
        return trainer.spot() != null && Boolean.FALSE.equals(trainer.spot().tolerate());
    }

    private static boolean toleratesSpot(Trainer trainer) {
        return trainer.spot() != null && Boolean.TRUE.equals(trainer.spot().tolerate());
    }

    private StepPod pod() {
        var pod = new StepPod(publish(), SCRATCH).labels(TrainerNames.labels(run));
        if (!run.recalls()) {
            pod.before(fetch()).before(trainer());
        }
        return pod.emptyDir("input", resources.disk())
                .emptyDir("output", resources.disk())
                .emptyDir("trainer-tmp", resources.disk())
                .emptyDir("hyperparameters", SMALL_FILES)
                .secret(STORE_VOLUME, StepPod.STORE_CREDENTIALS, store.secret())
                .claim(store.uri(), false);
    }

    private StepContainer fetch() {
        var fetch = new StepContainer(FETCH, settings.image(), settings.pullPolicy())
                .arguments(fetchArguments())
                .variable(STORE_ENDPOINT, store.endpoint())
                .resources(resources.step())
                // Formats are converted by way of the disk.
                .mount("trainer-tmp", "/tmp", false)
                .mount("input", INPUT, false)
                .mount("hyperparameters", HYPERPARAMETERS, false)
                .mount(STORE_VOLUME, StepPod.STORE_CREDENTIALS, true);
        ClaimUri.of(store.uri()).ifPresent(claim -> fetch.mount("claim-0", claim.mountPath(), true));
        return fetch;
    }

    private List<String> fetchArguments() {
        var arguments = new ArrayList<>(List.of(
                "fetch",
                "--dataset",
                run.folder() + "/dataset",
                "--parts",
                hasValidation() ? "train,validation" : "train",
                "--format",
                run.trainer().inputFormat() == Trainer.InputFormat.Csv ? "csv" : "parquet",
                "--to",
                INPUT,
                "--hyperparameters",
                TrainerEnvironment.literal(
                        Hyperparameters.of(run.spec(), run.trial()).toString()),
                "--hyperparameters-to",
                HYPERPARAMETERS));
        arguments.addAll(storeArguments());
        return arguments;
    }

    private boolean hasValidation() {
        var split = run.spec().dataset().split();
        return split == null || split.validation() == null || split.validation() > 0;
    }

    private StepContainer trainer() {
        var trainer = run.trainer();
        return new StepContainer(TRAINER, trainer.image(), null)
                .command(trainer.command())
                .arguments(trainer.args())
                .variables(TrainerEnvironment.of(run))
                .resources(resources.trainer())
                .writesToRoot()
                .mount("trainer-tmp", "/tmp", false)
                .mount("input", INPUT, false)
                .mount("output", OUTPUT, false)
                .mountFile("hyperparameters", "hyperparameters.yaml", "/tatara/hyperparameters.yaml")
                .mountFile("hyperparameters", "hyperparameters.json", "/tatara/hyperparameters.json");
    }

    private StepContainer publish() {
        var arguments = new ArrayList<>(List.of(
                "publish",
                "--from",
                OUTPUT,
                "--output",
                run.folderOfOutput(),
                "--result-key",
                run.resultKey(),
                "--hyperparameters-file",
                HYPERPARAMETERS + "/hyperparameters.json"));
        if (run.spec().sweep() != null) {
            arguments.addAll(
                    List.of("--objective", run.spec().sweep().objective().metric()));
        }
        if (run.recalls()) {
            arguments.add("--recall");
        }
        arguments.addAll(storeArguments());
        return new StepContainer(PUBLISH, settings.image(), settings.pullPolicy())
                .arguments(arguments)
                .variable(STORE_ENDPOINT, store.endpoint())
                .resources(resources.step())
                .mount("output", OUTPUT, true)
                .mount("hyperparameters", HYPERPARAMETERS, true);
    }

    private List<String> storeArguments() {
        return List.of(
                "--store",
                ClaimUri.mounted(store.uri()),
                "--store-credentials",
                StepPod.STORE_CREDENTIALS,
                "--store-secret-name",
                store.secret());
    }

    private static Toleration spot(String key, String value) {
        return new TolerationBuilder()
                .withKey(key)
                .withOperator("Equal")
                .withValue(value)
                .withEffect("NoSchedule")
                .build();
    }
}
