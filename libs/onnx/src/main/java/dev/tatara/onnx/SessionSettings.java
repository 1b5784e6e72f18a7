package dev.tatara.onnx;

/**
 * How a model is run.
 *
 * @param intraOpThreads threads that one run may use, 1 or more; with 1 a run stays on the caller's thread
 * @param allowSpinning whether idle threads burn CPU for lower latency; off is right wherever CPU is shared
 * @param optimizeGraph whether ONNX Runtime rewrites the graph at load; off loads faster and runs slower
 */
public record SessionSettings(int intraOpThreads, boolean allowSpinning, boolean optimizeGraph) {
    public SessionSettings {
        if (intraOpThreads < 1) {
            throw new IllegalArgumentException("intraOpThreads must be 1 or more, got " + intraOpThreads);
        }
    }

    /**
     * As many threads as the process has CPUs. ONNX Runtime by itself counts the host's; the JVM reads the cgroup's
     * limit.
     */
    public static SessionSettings ofThisProcess() {
        return new SessionSettings(Runtime.getRuntime().availableProcessors(), false, true);
    }

    /** Runs stay on the thread that asks for them: best for small models and for comparing measurements. */
    public static SessionSettings singleThread() {
        return new SessionSettings(1, false, true);
    }
}
