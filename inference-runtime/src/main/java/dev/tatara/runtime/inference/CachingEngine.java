package dev.tatara.runtime.inference;

import java.util.concurrent.atomic.LongAdder;

/**
 * Answers what was asked before without a run, and has another engine answer the rest. One per event loop, used on it
 * alone; the answers are shared.
 */
public final class CachingEngine implements InferenceEngine {
    private final AnswerCache answers;
    private final Counts counts;
    private final InferenceEngine engine;
    private final RequestDigest digest = new RequestDigest();

    /** Requests that were answered by a cache, and that weren't; of the process, whatever was loaded meanwhile. */
    public record Counts(LongAdder hits, LongAdder misses) {
        public Counts() {
            this(new LongAdder(), new LongAdder());
        }
    }

    /**
     * @param engine answers what isn't known
     */
    public CachingEngine(AnswerCache answers, Counts counts, InferenceEngine engine) {
        this.answers = answers;
        this.counts = counts;
        this.engine = engine;
    }

    @Override
    public void submit(InferenceRequest request, Completion completion) {
        RequestDigest.Key key = digest.of(request);
        InferenceAnswer known = answers.get(key);
        if (known == null) {
            counts.misses.increment();
            engine.submit(request, new Keeping(key, completion));
        } else {
            counts.hits.increment();
            request.submitted(completion, System.nanoTime(), Long.MAX_VALUE / 2);
            completion.answered(request, known);
        }
    }

    /** Keeps what the model answers. */
    private final class Keeping implements Completion {
        private final RequestDigest.Key key;
        private final Completion completion;

        Keeping(RequestDigest.Key key, Completion completion) {
            this.key = key;
            this.completion = completion;
        }

        @Override
        public void answered(InferenceRequest request, InferenceAnswer answer) {
            // Before it is answered: after that the request may be another's.
            answers.put(key, request, answer);
            completion.answered(request, answer);
        }

        @Override
        public void failed(InferenceRequest request, RequestException failure) {
            completion.failed(request, failure);
        }
    }
}
