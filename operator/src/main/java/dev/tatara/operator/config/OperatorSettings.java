package dev.tatara.operator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Settings of the operator, {@code tatara.operator.*}; the chart sets them as environment variables. */
@ConfigMapping(prefix = "tatara.operator")
public interface OperatorSettings {
    Image image();

    ArtifactStore artifactStore();

    /** Namespaces to watch; all of them when empty. */
    Optional<Set<String>> watchNamespaces();

    LeaderElection leaderElection();

    Verification verification();

    Mlflow mlflow();

    Materialization materialization();

    Trainer trainer();

    Training training();

    Drift drift();

    Notification notification();

    Rollout rollout();

    Traffic traffic();

    Alerts alerts();

    /** Name of this process in events and leases; the pod's name in a cluster. */
    @WithDefault("tatara-operator")
    String instance();

    /** Reconciliations that run at the same time, per kind. */
    @WithDefault("16")
    int reconcileThreads();

    interface Image {
        /** Image of the serving pods. */
        String runtime();

        /** Image of the steps' Jobs. */
        String steps();

        @WithDefault("IfNotPresent")
        String pullPolicy();
    }

    /** Where models are kept once verified, unless a resource names a store of its own. */
    interface ArtifactStore {
        /** {@code s3://bucket/prefix} or {@code pvc://claim/prefix}. */
        String uri();

        /** Endpoint of an S3 store other than Amazon's. */
        Optional<String> endpoint();

        /** Name of the Secret with the store's credentials, looked for in each resource's own namespace. */
        @WithDefault("tatara-artifact-store")
        String secretName();
    }

    interface LeaderElection {
        @WithDefault("false")
        boolean enabled();

        @WithDefault("tatara-operator")
        String leaseName();

        @WithDefault("tatara-system")
        String namespace();

        @WithDefault("15s")
        Duration leaseDuration();

        @WithDefault("10s")
        Duration renewDeadline();

        @WithDefault("2s")
        Duration retryPeriod();
    }

    interface Verification {
        /** Delay before the first repetition of an inspection that failed; doubles up to {@link #retryMax()}. */
        @WithDefault("10s")
        Duration retryInitial();

        @WithDefault("5m")
        Duration retryMax();

        /** Delay before a file that was rejected is examined again; doubles up to {@link #rejectedRetryMax()}. */
        @WithDefault("30s")
        Duration rejectedRetryInitial();

        @WithDefault("30m")
        Duration rejectedRetryMax();

        /** Files larger than this are rejected. */
        @WithDefault("2Gi")
        String maxModelSize();

        /** How long loading the model and running it once may take. */
        @WithDefault("60s")
        Duration probeTimeout();

        /** Memory limit of an inspection. The model is loaded and run once within it. */
        @WithDefault("2Gi")
        String memoryLimit();

        /** An inspection that takes longer is ended. */
        @WithDefault("15m")
        Duration deadline();
    }

    /** Where registered models of sources {@code mlflow://} are, unless a source's Secret says so. */
    interface Mlflow {
        /** Address of an MLflow server. */
        Optional<String> trackingUri();
    }

    /** What a step that reads rows may take of its node. */
    interface StepResources {
        /** Processor share that a step is given at least; it takes what is free. */
        @WithDefault("250m")
        String cpuRequest();

        /** Memory limit of a step. Half of it holds rows; more of them spill to the disk. */
        @WithDefault("2Gi")
        String memoryLimit();

        /** Disk of the node that a step may take, for source files, new rows and what spills. */
        @WithDefault("20Gi")
        String scratchSize();
    }

    interface Materialization extends StepResources {
        /** Delay before the first repetition of a materialization that failed; doubles up to {@link #retryMax()}. */
        @WithDefault("30s")
        Duration retryInitial();

        @WithDefault("10m")
        Duration retryMax();

        /** A materialization that takes longer is ended. */
        @WithDefault("2h")
        Duration deadline();
    }

    interface Trainer {
        /** Processor share that a trainer is given at least, where its resources don't mention cpu. */
        @WithDefault("500m")
        String cpuRequest();

        /** Memory limit of a trainer whose resources don't mention memory. */
        @WithDefault("4Gi")
        String memoryLimit();

        /** Disk of the node for a trainer whose resources don't mention ephemeral-storage: its input, output, logs. */
        @WithDefault("20Gi")
        String disk();

        /** Memory limit of the steps that bring a trainer its data and take its model. */
        @WithDefault("1Gi")
        String stepMemoryLimit();

        /** A trainer whose image can't be pulled for so long has failed. */
        @WithDefault("10m")
        Duration imageDeadline();
    }

    /** Runs. The trainer has resources of its own. */
    interface Training extends StepResources {
        /** An attempt at a step that takes longer is ended; the trainer may take as long as its run. */
        @WithDefault("2h")
        Duration stepDeadline();

        /** A run without spec.activeDeadline is ended after this long. */
        @WithDefault("168h")
        Duration runDeadline();

        /** Delay before a run is recorded in MLflow again; doubles up to {@link #trackingRetryMax()}. */
        @WithDefault("30s")
        Duration trackingRetryInitial();

        @WithDefault("30m")
        Duration trackingRetryMax();

        /** How long after its end a run is tried to be recorded. */
        @WithDefault("24h")
        Duration trackingPatience();
    }

    /** Evaluations of drift policies. */
    interface Drift extends StepResources {
        /** Delay before the first repetition of an evaluation that failed; doubles up to {@link #retryMax()}. */
        @WithDefault("30s")
        Duration retryInitial();

        @WithDefault("10m")
        Duration retryMax();

        /** An evaluation that takes longer is ended. */
        @WithDefault("30m")
        Duration deadline();
    }

    /** How receivers of drift policies are told. */
    interface Notification {
        /** Delay before the first repetition of a notification that failed; doubles up to {@link #retryMax()}. */
        @WithDefault("30s")
        Duration retryInitial();

        @WithDefault("10m")
        Duration retryMax();

        /** An attempt that takes longer is ended. */
        @WithDefault("10m")
        Duration deadline();

        /** After so many attempts it is given up. */
        @WithDefault("8")
        int attempts();
    }

    interface Rollout {
        /** How long the pods of the previous revision stay after they lost the traffic. */
        @WithDefault("30s")
        Duration scaleDownDelay();

        /** How long a new revision may take until its pods are available. */
        @WithDefault("10m")
        Duration progressDeadline();
    }

    /** How serving pods are told who answers. */
    interface Traffic {
        /** Secret with the key that traffic tables are signed with, in the namespace of the leader's lease. */
        @WithDefault("tatara-traffic-key")
        String keySecret();

        /** Calls of serving pods that are under way at the same time. */
        @WithDefault("256")
        int callsAtOnce();

        /** How long such a call may take. */
        @WithDefault("2s")
        Duration callTimeout();

        /** Questions to serving pods, what they counted, that are under way at the same time. */
        @WithDefault("32")
        int questionsAtOnce();

        /** How long such a question may take. */
        @WithDefault("5s")
        Duration questionTimeout();

        GatewayApi gatewayApi();

        Istio istio();

        interface GatewayApi {
            /** Whether services may have their requests divided by Gateways. */
            @WithDefault("false")
            boolean enabled();

            /** Whether Gateways are asked, by the addresses in their status, if a route is in force. */
            @WithDefault("true")
            boolean probe();
        }

        interface Istio {
            /** Whether services may have their requests divided by a mesh. */
            @WithDefault("false")
            boolean enabled();
        }
    }

    /** Where an Alertmanager posts alerts. */
    interface Alerts {
        /** File with the tokens that a post may bear, one a line. Without it no alerts are taken. */
        Optional<Path> tokenFile();

        @WithDefault("8082")
        int port();

        /** Larger posts are refused. Their size doesn't cost memory, reading them costs time. */
        @WithDefault("67108864")
        long maxBodyBytes();

        /** Posts with more alerts are refused. */
        @WithDefault("50000")
        int maxAlerts();
    }
}
