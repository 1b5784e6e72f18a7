package dev.tatara.runtime.settings;

import dev.tatara.runtime.features.OnMissing;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Everything that can be set; docs/reference/runtime-settings.md explains each key to users. */
@ConfigMapping(prefix = "tatara.runtime")
public interface RuntimeSettings {

    Model model();

    Store store();

    Http http();

    Admin admin();

    Inference inference();

    Batching batching();

    Cache cache();

    Features features();

    Protocols protocols();

    Limits limits();

    Drain drain();

    Monitoring monitoring();

    Logging logging();

    Ledger ledger();

    Feedback feedback();

    AccessLog accessLog();

    Tracing tracing();

    Traffic traffic();

    /** The InferenceService that this process belongs to, part of the names of what it stores. */
    Optional<String> service();

    /** The namespace of that InferenceService. */
    Optional<String> namespace();

    /** The pod's name, part of the names of what it stores; by default the host's name. */
    Optional<String> pod();

    /** Answer a few requests to oneself and exit with 0: trains the JVM's AOT cache when an image is built. */
    @WithDefault("false")
    boolean exitAfterWarmup();

    /** The InferenceService revision that this process belongs to; a label of its metrics. */
    Optional<String> revision();

    interface Model {
        Optional<String> uri();

        /** 64 hexadecimal digits; what was loaded must have this digest. */
        Optional<String> sha256();

        /** The name clients use; by default the file's name. */
        Optional<String> name();

        @WithDefault("1")
        String version();

        /** Where the file lies between download and load. */
        @WithDefault("${java.io.tmpdir}")
        Path directory();

        @WithDefault("8589934592")
        long maxBytes();

        /** Names of the columns of the model's only input, in order. */
        Optional<List<String>> features();

        /** Names of the classes, in the order of the model's probabilities. */
        Optional<List<String>> classes();

        /** What the model does, such as Classification. */
        Optional<String> task();

        /** When it was trained; told by {@code /model/info}. */
        Optional<String> trainedAt();

        /** Figures measured when it was trained, by name; told by {@code /model/info}. */
        Map<String, Double> metrics();
    }

    interface Store {
        /** Where panes, logs and feedback are written; without it they stay in memory. */
        Optional<String> uri();

        /** How long to try to store what is left when the process ends. */
        @WithDefault("10s")
        Duration flushTimeout();

        Optional<URI> endpoint();

        /** Folder of a mounted Secret with the store's credentials. */
        Optional<Path> credentialsDir();

        /** How often a download is tried before the process gives up. */
        @WithDefault("5")
        int attempts();
    }

    interface Http {
        @WithDefault("0.0.0.0")
        String host();

        @WithDefault("8080")
        int port();

        @WithDefault("5m")
        Duration idleTimeout();

        /** A request's body must be complete this long after its head; zero: whenever. */
        @WithDefault("30s")
        Duration bodyTimeout();

        /** A request's head must be complete this long after its first byte; zero: whenever. */
        @WithDefault("10s")
        Duration headerTimeout();

        /** Connections to the serving port that may be open at the same time. */
        @WithDefault("20000")
        int maxConnections();

        /** Answers of this many bytes and more are compressed for clients that ask for it; zero: none. */
        @WithDefault("262144")
        int compressFrom();

        /** Pages of other origins that may ask from a browser; {@code *} for all. */
        Optional<List<String>> corsOrigins();

        /** Whether the OpenAPI document and the page to try it out are served. */
        @WithDefault("true")
        boolean docs();

        /** Event loops that serve; by default one per CPU of the cgroup. */
        OptionalInt eventLoops();
    }

    interface Admin {
        @WithDefault("8081")
        int port();

        /** File whose first line is the token that changing calls must bring; without one only loopback may. */
        Optional<Path> tokenFile();
    }

    interface Inference {
        /** Threads that one run may use; by default all CPUs of the cgroup. */
        OptionalInt intraOpThreads();

        /** A run that is expected to take longer than this leaves the event loop for a worker. */
        @WithDefault("1ms")
        Duration eventLoopBudget();

        /** Workers for runs that left the event loop; by default one per CPU. */
        OptionalInt workers();

        @WithDefault("20")
        int warmupRuns();
    }

    interface Batching {
        /** Rows of several requests that may be run together; 1 runs each request alone. */
        @WithDefault("32")
        int maxBatchSize();

        /** How long a free worker may wait for more rows. */
        @WithDefault("0s")
        Duration maxDelay();

        /** Requests that may wait for their turn. */
        @WithDefault("256")
        int maxQueue();

        /** Bytes of tensors that they may hold. */
        @WithDefault("268435456")
        long maxQueueBytes();
    }

    interface Cache {
        /** Bytes of answers that are kept for requests that come again; zero: none. */
        @WithDefault("0")
        long maxBytes();
    }

    interface Features {
        /** File with the views that are looked up; without it nothing is. */
        Optional<Path> file();

        /** Folder with a folder for each store: a mounted Secret that says where its Redis is. */
        @WithDefault("/tatara/secrets/features")
        Path credentialsDir();

        /** Longest time that a request waits for its features. */
        @WithDefault("50ms")
        Duration timeout();

        /** What happens with a row that has no value of a feature. */
        @WithDefault("reject")
        OnMissing onMissing();
    }

    interface Protocols {
        /** Whether KServe V1 answers a classifier's probabilities instead of its classes. */
        @WithDefault("false")
        boolean v1Probabilities();

        /** Whether inference is answered over REST (V2 and plain JSON). */
        @WithDefault("true")
        boolean rest();

        /** Whether gRPC calls are answered. */
        @WithDefault("true")
        boolean grpc();
    }

    interface Limits {
        @WithDefault("67108864")
        long maxBodyBytes();

        /** Bytes of unfinished bodies that all connections together may hold. */
        @WithDefault("268435456")
        long maxBufferedBytes();

        /** A request that waited longer for its turn is answered 504 and never run. */
        @WithDefault("30s")
        Duration maxWait();

        /** Inference requests that this process lets in per second; more are answered 429. */
        OptionalInt requestsPerSecond();

        /** Inference requests that it lets in per second and client; more are answered 429. */
        OptionalInt perClient();

        /** The request header that names the client; without it, its address. */
        Optional<String> clientHeader();
    }

    interface Drain {
        /** How long to go on serving after SIGTERM while load balancers learn of it. */
        @WithDefault("5s")
        Duration delay();

        /** How long to wait after that for what is in flight. */
        @WithDefault("30s")
        Duration timeout();
    }

    interface Monitoring {
        /** Whether values are folded into sketches. */
        @WithDefault("true")
        boolean enabled();

        /** Length of one file of sketches. */
        @WithDefault("1m")
        Duration pane();

        /** Percentage of rows that are folded into the sketches. */
        @WithDefault("100")
        double samplePercent();

        /** Columns of an input or output that get a sketch each; of a wider one all elements share a sketch. */
        @WithDefault("200")
        int maxColumns();

        /** Above this rate rows are sampled, so that sketches cost a bounded part of a CPU. */
        @WithDefault("500000")
        long maxValuesPerSecond();

        /** Bytes of panes that may wait for the store. */
        @WithDefault("16777216")
        long maxBufferedBytes();

        /** By input: the names of its columns, in their order. */
        Map<String, List<String>> features();
    }

    interface Logging {
        /** Percentage of requests that are logged with what they brought and got. */
        @WithDefault("0")
        double samplePercent();

        /** Features, inputs and outputs that leave the process in no log and no sketch. */
        Optional<List<String>> exclude();

        /** Features, inputs and outputs of which a keyed hash is written instead of their values. */
        Optional<List<String>> hash();

        /** File with the hash's key; by default PAYLOAD_HASH_KEY in the store's credentials. */
        Optional<Path> hashKeyFile();

        /** Longest time that a file of the log is kept open. */
        @WithDefault("5m")
        Duration fileInterval();

        /** Compressed bytes after which a file of the log is closed. */
        @WithDefault("4194304")
        int fileBytes();

        /** How long files of the log are kept, by their names, whichever pod of the service wrote them; for ever where absent. */
        Optional<Duration> retention();

        /** How often older files are looked for; the first time within a sixth of it. */
        @WithDefault("1h")
        Duration retentionInterval();

        /** Longest record; of a longer one the tensors are left out. */
        @WithDefault("262144")
        int maxRecordBytes();

        /** What may wait to be encoded, and what may wait to be stored, each; more is dropped and counted. */
        @WithDefault("16777216")
        long maxBufferedBytes();
    }

    interface Ledger {
        /** Whether every prediction is recorded with its request id. */
        @WithDefault("false")
        boolean enabled();

        /** Longest time that a file of the ledger is kept open. */
        @WithDefault("1m")
        Duration fileInterval();

        /** What may wait to be stored; more is dropped and counted. */
        @WithDefault("33554432")
        long maxBufferedBytes();
    }

    interface Feedback {
        /** Longest time that feedback waits for more before it is stored. */
        @WithDefault("10s")
        Duration fileInterval();

        /** What may wait to be stored; more is refused with 503. */
        @WithDefault("8388608")
        long maxBufferedBytes();
    }

    interface AccessLog {
        /** Percentage of requests with a good answer that are logged. */
        @WithDefault("0")
        double samplePercent();

        /** Requests without a good answer that are logged per second at most. */
        @WithDefault("10")
        int errorsPerSecond();
    }

    interface Tracing {
        /** Where spans are sent by OTLP over HTTP, such as http://collector:4318; without it there are none. */
        Optional<URI> endpoint();

        /** Percentage of requests that are traced where the caller has not decided. */
        @WithDefault("10")
        double samplePercent();

        /** Headers that the collector wants, {@code key=value,key=value}, such as a token. */
        Optional<String> headers();

        /** What to say of this process besides what it knows itself, {@code key=value,key=value}. */
        Optional<String> resourceAttributes();
    }

    interface Traffic {
        /** File with the signed traffic table; without one the pod answers all that it is asked. */
        Optional<Path> table();

        /** What tables must be signed with: an Ed25519 public key (X.509, base64). */
        Optional<String> publicKey();

        /** UID of the InferenceService that tables must be for. */
        Optional<String> serviceUid();

        /** Where other pods of the service forward requests to; only with a table. */
        @WithDefault("8083")
        int peerPort();
    }
}
