package dev.tatara.runtime.inference;

/** Runs requests: at once, on another thread, or together with others. */
public interface InferenceEngine {

    /**
     * Takes a request over and completes it exactly once, on this thread or another, perhaps before this method
     * returns.
     */
    void submit(InferenceRequest request, Completion completion);

    /** Where an answer goes. */
    interface Completion {
        /** The answer is valid until this method returns. */
        void answered(InferenceRequest request, InferenceAnswer answer);

        void failed(InferenceRequest request, RequestException failure);
    }
}
