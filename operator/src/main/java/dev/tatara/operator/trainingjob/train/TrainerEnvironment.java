package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.MlflowTracking;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.Trainer;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The variables of a trainer. Those of the contract come first, so that the user's may refer to them, and can't be
 * replaced; those that only help (HOME, MLflow's) can.
 */
final class TrainerEnvironment {
    /** PyTorch's usual port. */
    static final int MASTER_PORT = 29_500;

    private static final String RANK = "RANK";
    private static final Set<String> RENDEZVOUS = Set.of(RANK, "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT");
    private static final String COMPLETION_INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']";

    private final Map<String, EnvVar> contract = new LinkedHashMap<>();
    private final Map<String, EnvVar> defaults = new LinkedHashMap<>();

    private TrainerEnvironment() {}

    static List<EnvVar> of(TrainerRun run) {
        var environment = new TrainerEnvironment();
        environment.identity(run);
        environment.rendezvous(run);
        environment.tracking(run);
        return environment.with(run.trainer().env());
    }

    /** Whether a variable is the operator's. */
    static boolean isReserved(String name, Trainer trainer) {
        var isDistributed = trainer.replicas() != null && trainer.replicas() > 1;
        return name.startsWith("TATARA_") || (isDistributed && RENDEZVOUS.contains(name));
    }

    /** Text that reaches the process as it is: Kubernetes replaces {@code $(NAME)}, and {@code $$} by {@code $}. */
    static String literal(String text) {
        return text.replace("$", "$$");
    }

    private void identity(TrainerRun run) {
        var metadata = run.job().getMetadata();
        set("TATARA_RUN", metadata.getNamespace() + "/" + metadata.getName() + "/" + run.number());
        if (run.trial() != null) {
            set("TATARA_TRIAL", Integer.toString(run.trial().number()));
        }
        set("TATARA_SEED", Long.toString(run.seed()));
        if (run.dataStart() != null) {
            set("TATARA_DATA_START", run.dataStart().toString());
        }
        set("TATARA_DATA_END", run.dataEnd().toString());
        Hyperparameters.variables(Hyperparameters.of(run.spec(), run.trial())).forEach(this::set);
    }

    private void rendezvous(TrainerRun run) {
        if (run.replicas() == 1) {
            return;
        }
        contract.put(
                RANK,
                new EnvVarBuilder()
                        .withName(RANK)
                        .withNewValueFrom()
                        .withNewFieldRef()
                        .withApiVersion("v1")
                        .withFieldPath(COMPLETION_INDEX)
                        .endFieldRef()
                        .endValueFrom()
                        .build());
        set("WORLD_SIZE", Integer.toString(run.replicas()));
        set("MASTER_ADDR", run.jobName() + "-0." + run.jobName());
        set("MASTER_PORT", Integer.toString(MASTER_PORT));
    }

    private void tracking(TrainerRun run) {
        defaults.put("HOME", variable("HOME", "/tmp"));
        var mlflow = Optional.ofNullable(run.spec().tracking()).map(TrainingJobSpec.Tracking::mlflow);
        if (mlflow.isEmpty()) {
            return;
        }
        set("MLFLOW_TRACKING_URI", mlflow.get().uri(), defaults);
        if (run.trial() == null && run.mlflowRunId() != null) {
            set("MLFLOW_RUN_ID", run.mlflowRunId(), defaults);
        } else {
            // What the trainer itself records then is at least found beside the run.
            set("MLFLOW_EXPERIMENT_NAME", experiment(run, mlflow.get()), defaults);
        }
        if (mlflow.get().secretRef() != null) {
            var secret = mlflow.get().secretRef().name();
            secret("MLFLOW_TRACKING_TOKEN", secret, "token");
            secret("MLFLOW_TRACKING_USERNAME", secret, "username");
            secret("MLFLOW_TRACKING_PASSWORD", secret, "password");
        }
    }

    private static String experiment(TrainerRun run, MlflowTracking mlflow) {
        var metadata = run.job().getMetadata();
        return mlflow.experiment() == null ? metadata.getNamespace() + "/" + metadata.getName() : mlflow.experiment();
    }

    private void secret(String name, String secret, String key) {
        defaults.put(
                name,
                new EnvVarBuilder()
                        .withName(name)
                        .withNewValueFrom()
                        .withNewSecretKeyRef(key, secret, true)
                        .endValueFrom()
                        .build());
    }

    private List<EnvVar> with(List<TrainingJobSpec.EnvironmentVariable> own) {
        var all = new LinkedHashMap<>(contract);
        all.putAll(defaults);
        for (var variable : own) {
            if (!contract.containsKey(variable.name())) {
                all.put(variable.name(), variable(variable.name(), variable.value()));
            }
        }
        return new ArrayList<>(all.values());
    }

    private void set(String name, String value) {
        set(name, value, contract);
    }

    private static void set(String name, String value, Map<String, EnvVar> variables) {
        variables.put(name, variable(name, literal(value)));
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }
}
