package dev.tatara.e2e;

/** Manifests as a user writes them. */
final class Manifests {
    /** More of the spec of a service: a ledger; its files and those of feedback come sooner than usual. */
    static final String PROMPT_LEDGER = """
          monitoring: {ledger: true}
          podTemplate:
            spec:
              containers:
                - name: runtime
                  env:
                    - name: JDK_JAVA_OPTIONS
                      value: -Dtatara.runtime.ledger.file-interval=2s -Dtatara.runtime.feedback.file-interval=2s
        """;

    private Manifests() {}

    /** A version of a model whose file lies at the URI and that claims the stage. */
    static String modelVersion(String name, String model, String version, String uri, String stage) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: ModelVersion
            metadata: {name: %s}
            spec:
              model: %s
              version: "%s"
              source: {uri: "%s"}
              stage: %s
            """.formatted(name, model, version, uri, stage);
    }

    /** A version of a model whose source has more fields than the URI, in YAML's flow style. */
    static String modelVersionFrom(String name, String model, String version, String source) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: ModelVersion
            metadata: {name: %s}
            spec:
              model: %s
              version: "%s"
              source: {%s}
            """.formatted(name, model, version, source);
    }

    /** A service that is pinned to a version. */
    static String pinned(String name, String modelVersion, int replicas) {
        return inferenceService(name, "{versionRef: {name: %s}}".formatted(modelVersion), replicas);
    }

    /** A service that follows whichever version is in Production. */
    static String following(String name, String model, int replicas) {
        return inferenceService(name, "{follow: {model: %s, stage: Production}}".formatted(model), replicas);
    }

    /** A service that is pinned to a version, with a block spec.rollout in YAML's flow style. */
    static String pinned(String name, String modelVersion, int replicas, String rollout) {
        return inferenceService(name, "{versionRef: {name: %s}}".formatted(modelVersion), replicas, rollout);
    }

    private static String inferenceService(String name, String model, int replicas) {
        return inferenceService(name, model, replicas, "{strategy: RollingUpdate, scaleDownDelay: 5s}");
    }

    private static String inferenceService(String name, String model, int replicas, String rollout) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: InferenceService
            metadata: {name: %s}
            spec:
              model: %s
              replicas: %d
              resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}
              rollout: %s
            """.formatted(name, model, replicas, rollout.replace("\n", " "));
    }
}
