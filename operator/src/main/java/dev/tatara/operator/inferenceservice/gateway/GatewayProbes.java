package dev.tatara.operator.inferenceservice.gateway;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks data planes of Gateways whether requests go by a route as it is now. Who asks doesn't wait: the first question
 * begins to probe, the service is woken when there is news, and a probe that fails is repeated after longer and longer
 * pauses. A data plane may be several proxies behind one address, so each is asked a few times, by new connections.
 */
final class GatewayProbes implements AutoCloseable {
    private static final int TIMES = 3;
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int GRPC_PREFIX = 5;

    private final Vertx vertx;
    private final Consumer<ResourceID> changed;
    private final HttpClient requests;
    private final HttpClient calls;
    private final Map<ResourceID, Round> rounds = new ConcurrentHashMap<>();

    /**
     * What is to be found out.
     *
     * @param isCall whether to ask by gRPC
     * @param targets where to ask
     */
    record Demand(RouteProbe probe, boolean isCall, List<ProbeTarget> targets) {}

    /**
     * Probes nothing yet.
     *
     * @param changed is told of which service there is news
     */
    GatewayProbes(Vertx vertx, Consumer<ResourceID> changed) {
        this.vertx = vertx;
        this.changed = changed;
        requests = client(vertx, HttpVersion.HTTP_1_1);
        calls = client(vertx, HttpVersion.HTTP_2);
    }

    /** Whoever answers is believed what it says back: a probe carries nothing secret, and its answer neither. */
    private static HttpClient client(Vertx vertx, HttpVersion version) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setUseAlpn(version == HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setKeepAlive(false)
                        .setForceSni(true)
                        .setTrustAll(true)
                        .setVerifyHost(false)
                        .setConnectTimeout((int) PATIENCE.toMillis()))
                .with(new PoolOptions().setHttp1MaxSize(4).setHttp2MaxSize(4))
                .build();
    }

    /** What is missing until every target answers as the demand has it; empty once they did. */
    Optional<String> missing(ResourceID service, Demand demand) {
        var round = rounds.compute(
                service,
                (id, before) -> before != null && before.demand.equals(demand) ? before : new Round(id, demand));
        return round.missing();
    }

    /** The service is gone, or has no routes any more. */
    void forget(ResourceID service) {
        rounds.remove(service);
    }

    @Override
    public void close() {
        rounds.clear();
        requests.close();
        calls.close();
    }

    private final class Round {
        private final ResourceID service;
        private final Demand demand;
        private String trouble;
        private boolean isBegun;
        private boolean isPassed;
        private int failures;

        Round(ResourceID service, Demand demand) {
            this.service = service;
            this.demand = demand;
        }

        synchronized Optional<String> missing() {
            if (!isBegun) {
                isBegun = true;
                isPassed = demand.targets().isEmpty();
                if (!isPassed) {
                    probe();
                }
            }
            return isPassed
                    ? Optional.empty()
                    : Optional.of(trouble == null ? "the Gateway is being asked for the route" : trouble);
        }

        private void probe() {
            if (rounds.get(service) != this) {
                return;
            }
            var all = Future.<Void>succeededFuture();
            for (var target : demand.targets()) {
                for (int i = 0; i < TIMES; i++) {
                    all = all.compose(before -> ask(target));
                }
            }
            all.onComplete(done -> take(done.cause()));
        }

        private void take(Throwable failure) {
            boolean isNews;
            synchronized (this) {
                isPassed = failure == null;
                var before = trouble;
                trouble = failure == null ? null : failure.getMessage();
                isNews = isPassed || !String.valueOf(trouble).equals(before);
                if (!isPassed) {
                    var pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures++, 10));
                    vertx.setTimer(
                            (pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE).toMillis(), timer -> probe());
                }
            }
            if (isNews && rounds.get(service) == this) {
                changed.accept(service);
            }
        }

        private Future<Void> ask(ProbeTarget target) {
            var client = demand.isCall() ? calls : requests;
            var options = new RequestOptions()
                    .setServer(SocketAddress.inetSocketAddress(target.port(), target.address()))
                    .setHost(target.host())
                    .setPort(target.port())
                    .setSsl(target.tls())
                    .setMethod(demand.isCall() ? HttpMethod.POST : HttpMethod.GET)
                    .setURI(demand.isCall() ? "/" + RouteProbe.HEALTH + "/" + RouteProbe.CHECK : RouteProbe.PATH)
                    .setConnectTimeout(PATIENCE.toMillis())
                    .putHeader(RouteProbe.ASKED, demand.probe().token());
            return client.request(options)
                    .compose(this::send)
                    .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .recover(failure -> Future.failedFuture(
                            "the Gateway at " + target.where() + " can't be asked: " + failure.getMessage()))
                    .compose(answer -> judge(target, answer));
        }

        private Future<HttpClientResponse> send(HttpClientRequest request) {
            if (!demand.isCall()) {
                return request.send();
            }
            request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
            return request.send(Buffer.buffer(new byte[GRPC_PREFIX]));
        }

        private Future<Void> judge(ProbeTarget target, HttpClientResponse answer) {
            answer.end().onComplete(end -> answer.request().connection().close());
            var probe = demand.probe();
            return probe.token().equals(answer.getHeader(RouteProbe.MARKED))
                            && probe.revision().equals(answer.getHeader("tatara-revision"))
                    ? Future.succeededFuture()
                    : Future.failedFuture("the Gateway at " + target.where() + " doesn't send requests by the latest"
                            + " route yet: a probe for revision " + probe.revision() + " was answered "
                            + answer.statusCode());
        }
    }
}
