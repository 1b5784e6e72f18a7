package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.routing.AnswerComparison;
import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Side;
import dev.tatara.runtime.serving.CurrentLane;
import dev.tatara.runtime.serving.Deadlines;
import dev.tatara.runtime.serving.Lane;
import dev.tatara.runtime.settings.BodyBounds;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers the gRPC calls of one event loop: the Open Inference Protocol V2, health and reflection. */
public final class GrpcHandler implements Handler<HttpServerRequest> {
    static final String INFERENCE = "inference.GRPCInferenceService";
    static final String MODEL_REPOSITORY = "inference.model_repository.ModelRepositoryService";

    private static final AnswerComparison COMPARISON = new MessageComparison();
    private static final String TYPE = "application/grpc";
    private static final String INFER = "/" + INFERENCE + "/ModelInfer";
    private static final String STREAM_INFER = "/" + INFERENCE + "/ModelStreamInfer";

    /** Loading and unloading are for who runs the server. */
    private static final UnaryCall.Method ELSEWHERE = message -> {
        throw new RequestException(
                501,
                "models are loaded and unloaded on the admin port: POST /v2/repository/models/<model>/load or /unload");
    };

    private final Serving serving;
    private final CurrentLane lanes;
    private final Forwarder forwarder;
    private final Set<InferStream> streams = new LinkedHashSet<>();
    private final boolean open;
    private final Messages.Limits limits;
    private final Map<String, UnaryCall.Method> methods;
    private final Health health;
    private final Reflection reflection = new Reflection(List.of(INFERENCE, Health.SERVICE, Reflection.SERVICE));
    private Door door;

    /**
     * @param forwarder the way to other pods; null for what other pods forwarded, which is answered here and was let in
     *     there
     */
    public GrpcHandler(
            Serving serving, RuntimeSettings settings, CurrentLane lanes, Forwarder forwarder, String serverVersion) {
        this.serving = serving;
        this.lanes = lanes;
        this.forwarder = forwarder;
        open = settings.protocols().grpc();
        BodyBounds bodies = BodyBounds.of(settings);
        limits = new Messages.Limits(
                bodies.mostBytes(),
                bodies.mostBufferedBytes(),
                serving.bufferedBytes(),
                new Messages.Held(),
                settings.http().bodyTimeout(),
                new Deadlines(settings.http().bodyTimeout()));
        Introspection tells = new Introspection(serving, serverVersion);
        health = new Health(serving, Set.of(INFERENCE, MODEL_REPOSITORY));
        methods = Map.ofEntries(
                Map.entry("/" + Health.SERVICE + "/Check", health::check),
                inference("ServerLive", tells::serverLive),
                inference("ServerReady", tells::serverReady),
                inference("ModelReady", tells::modelReady),
                inference("ServerMetadata", tells::serverMetadata),
                inference("ModelMetadata", tells::modelMetadata),
                inference("ModelConfig", tells::modelConfig),
                inference("ModelStatistics", tells::modelStatistics),
                inference("RepositoryIndex", tells::repositoryIndex),
                inference("RepositoryModelLoad", ELSEWHERE),
                inference("RepositoryModelUnload", ELSEWHERE),
                Map.entry("/" + MODEL_REPOSITORY + "/RepositoryIndex", tells::repositoryIndex),
                Map.entry("/" + MODEL_REPOSITORY + "/RepositoryModelLoad", ELSEWHERE),
                Map.entry("/" + MODEL_REPOSITORY + "/RepositoryModelUnload", ELSEWHERE));
    }

    private static Map.Entry<String, UnaryCall.Method> inference(String name, UnaryCall.Method method) {
        return Map.entry("/" + INFERENCE + "/" + name, method);
    }

    /** Whether a request is a gRPC call. */
    public static boolean isCall(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            return false;
        }
        String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
        return type != null && type.startsWith(TYPE) && isProtobuf(type);
    }

    /** {@code application/grpc}, {@code application/grpc+proto}; not {@code application/grpc-web}. */
    private static boolean isProtobuf(String type) {
        return type.length() == TYPE.length()
                || type.startsWith("+proto", TYPE.length())
                || type.charAt(TYPE.length()) == ';';
    }

    @Override
    public void handle(HttpServerRequest request) {
        Call call = new Call(request, serving, forwarder == null);
        String path = request.path();
        if (!open) {
            call.fail(GrpcStatus.UNIMPLEMENTED, "gRPC is switched off (tatara.runtime.protocols.grpc)");
        } else if (!HttpMethod.POST.equals(request.method())) {
            call.fail(GrpcStatus.UNIMPLEMENTED, "gRPC calls are POST requests, got " + request.method());
        } else if (INFER.equals(path)) {
            infer(call);
        } else {
            route(call, path);
        }
    }

    private void infer(Call call) {
        Routes routes = routes();
        Side side = routes == null ? null : routes.choose(call.request());
        if (side != null) {
            call.setCopy(forwarder.mirror().copy(routes, side, call.request(), true, COMPARISON));
        }
        if (side == null || side.isOwn()) {
            InferCall.start(call, door(), limits);
        } else {
            RoutedCall.start(call, this::door, forwarder, routes, side, limits);
        }
    }

    /** Of a stream the revision is chosen once, at its start: its client expects its answers in order. */
    private void inferStream(Call call) {
        Routes routes = routes();
        Side side = routes == null ? null : routes.choose(call.request());
        if (side == null || side.isOwn()) {
            InferStream.start(call, this::door, limits, streams);
        } else {
            RoutedStream.start(
                    call, forwarder, routes, side, () -> InferStream.start(call, this::door, limits, streams));
        }
    }

    private Routes routes() {
        return forwarder == null ? null : serving.routing().active();
    }

    private void route(Call call, String path) {
        UnaryCall.Method method = path == null ? null : methods.get(path);
        if (method != null) {
            UnaryCall.start(call, method, limits);
            return;
        }
        switch (path) {
            case STREAM_INFER -> inferStream(call);
            case "/" + Health.SERVICE + "/Watch" -> Messages.readStream(call.request(), limits, health.watch(call));
            case "/" + Reflection.SERVICE + "/ServerReflectionInfo",
                    "/" + Reflection.OLDER_SERVICE + "/ServerReflectionInfo" ->
                Messages.readStream(call.request(), limits, reflection.answer(call));
            case null, default -> call.fail(GrpcStatus.UNIMPLEMENTED, "unknown method " + path);
        }
    }

    /** Ends calls whose messages don't come, and streams of a closed revision; to be called every now and then. */
    public void sweep() {
        limits.deadlines().sweep();
        if (!streams.isEmpty() && serving.routing().closedSince() > 0) {
            List.copyOf(streams).forEach(InferStream::close);
        }
    }

    private Door door() {
        Lane lane = lanes.get();
        if (lane == null) {
            door = null;
        } else if (door == null || door.lane() != lane) {
            door = Door.of(lane, limits.mostBytes());
        }
        return door;
    }
}
