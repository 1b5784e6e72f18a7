package dev.tatara.runtime.http;

import dev.tatara.runtime.features.StoreLinks;
import dev.tatara.runtime.grpc.GrpcHandler;
import dev.tatara.runtime.lifecycle.Connections;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.PeerDoor;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.serving.CurrentLane;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.Http2ServerConnection;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The serving port on one event loop; Vert.x shares the port's connections out among the instances. */
public final class ServingVerticle extends AbstractVerticle {
    private static final int BACKLOG = 4096;
    private static final long SWEEP_MILLIS = 500;
    private static final int MAX_HEADER_BYTES = 16 * 1024;

    /** Of one HTTP/2 connection; callers beyond wait in the client. */
    private static final int MAX_STREAMS = 256;

    private static final int STREAM_WINDOW = 1 << 20;
    private static final int CONNECTION_WINDOW = 4 << 20;
    private static final int MAX_RESETS = 20_000;
    private static final int RESETS_SECONDS = 10;

    private final RuntimeSettings settings;
    private final Connections connections;
    private final StoreLinks links;
    private final CurrentLane lanes;
    private final ServingHandler handler;
    private final GrpcHandler grpc;
    private final Forwarder forwarder;
    private final PeerDoor peerDoor;
    private final ServingHandler peerHandler;
    private final GrpcHandler peerGrpc;
    private final IntConsumer listening;
    private final IntConsumer listeningForPeers;

    /**
     * @param listening is told the port
     * @param listeningForPeers is told the port that other pods forward to, if the pod is routed
     */
    public ServingVerticle(
            Serving serving,
            RuntimeSettings settings,
            Connections connections,
            Supplier<byte[]> metrics,
            String serverVersion,
            IntConsumer listening,
            IntConsumer listeningForPeers) {
        this.listeningForPeers = listeningForPeers;
        this.settings = settings;
        this.connections = connections;
        this.listening = listening;
        links = serving.features() == null ? null : new StoreLinks(serving.features());
        lanes = new CurrentLane(serving, settings.inference().eventLoopBudget(), links);
        Routing routing = serving.routing();
        forwarder = new Forwarder(routing, lanes.traffic(), serving.bufferedBytes(), settings);
        handler = new ServingHandler(serving, settings, lanes, links, forwarder, metrics, serverVersion);
        grpc = new GrpcHandler(serving, settings, lanes, forwarder, serverVersion);
        if (routing.isRouted()) {
            peerDoor = new PeerDoor(routing, () -> serving.loaded() != null);
            peerHandler = new ServingHandler(serving, settings, lanes, links, null, metrics, serverVersion);
            peerGrpc = new GrpcHandler(serving, settings, lanes, null, serverVersion);
        } else {
            peerDoor = null;
            peerHandler = null;
            peerGrpc = null;
        }
    }

    @Override
    public void start(Promise<Void> started) {
        lanes.open(context);
        if (links != null) {
            links.open(vertx, context);
        }
        vertx.setPeriodic(SWEEP_MILLIS, now -> {
            handler.sweep();
            grpc.sweep();
            if (peerDoor != null) {
                peerHandler.sweep();
                peerGrpc.sweep();
            }
        });
        ConnectionGuard.configure(
                settings.http().maxConnections(),
                settings.http().headerTimeout(),
                settings.http().idleTimeout());
        Future<Void> serving =
                listen(settings.http().port(), handler, request -> answer(request, handler, grpc), listening);
        if (peerDoor == null) {
            serving.onComplete(started);
            return;
        }
        forwarder.open(vertx);
        serving.compose(open -> listen(
                        settings.traffic().peerPort(),
                        peerHandler,
                        request -> {
                            if (!peerDoor.refuses(request)) {
                                answer(request, peerHandler, peerGrpc);
                            }
                        },
                        listeningForPeers))
                .onComplete(started);
    }

    private static void answer(HttpServerRequest request, ServingHandler rest, GrpcHandler grpc) {
        if (GrpcHandler.isCall(request)) {
            grpc.handle(request);
        } else {
            rest.handle(request);
        }
    }

    private Future<Void> listen(
            int port, ServingHandler watching, Handler<HttpServerRequest> requests, IntConsumer told) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.http().host())
                .setPort(port)
                .setAcceptBacklog(BACKLOG)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(MAX_HEADER_BYTES)
                        .setInitialWindowSize(STREAM_WINDOW))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                // Clients reset the calls that they give up, and a proxy has those of all its clients on one
                // connection:
                // thousands a second when a server is slow. One that is reset costs no more than one that is answered.
                .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS)
                .setHttp2RstFloodWindowDuration(RESETS_SECONDS)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
                // No WebSockets here: their handlers would look at every request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHandle100ContinueAutomatically(true);
        return vertx.createHttpServer(options)
                .connectionHandler(connection -> opened(connection, watching))
                .requestHandler(requests)
                .listen()
                .map(server -> {
                    told.accept(server.actualPort());
                    return null;
                });
    }

    private void opened(HttpConnection connection, ServingHandler watching) {
        ConnectionGuard.admitted(connection);
        connections.add(connection);
        if (connection instanceof Http1xServerConnection http1) {
            http1.channel().pipeline().addFirst(new AnswerJoiner());
            watching.opened(connection);
        } else if (connection instanceof Http2ServerConnection http2) {
            http2.channel().pipeline().addFirst(new AnswerJoiner(), new TurnFlusher());
        }
        connection.closeHandler(closed -> {
            connections.remove(connection);
            watching.closed(connection);
        });
    }

    @Override
    public void stop() {
        lanes.close();
        if (links != null) {
            links.close();
        }
        handler.close();
        forwarder.close();
        if (peerHandler != null) {
            peerHandler.close();
        }
    }
}
