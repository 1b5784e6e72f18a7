package dev.tatara.operator.inferenceservice.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.operator.inferenceservice.traffic.TrafficPush.Order;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods are played by servers that answer as a test says, each at a port of its own. */
class TrafficPushTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final ResourceID CHURN = new ResourceID("churn", "ml");

    private final Map<String, Pod> pods = new ConcurrentHashMap<>();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Queue<Duration> pushes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger woken = new AtomicInteger();
    private PodCalls calls;
    private TrafficPush push;

    @BeforeEach
    void start() throws IOException {
        new Pod("one");
        calls = new PodCalls(16, Duration.ofSeconds(1), this::authority);
        push = new TrafficPush(calls, service -> woken.incrementAndGet(), pushes::add);
    }

    @AfterEach
    void stop() {
        calls.close();
        pods.values().forEach(Pod::close);
    }

    @Test
    void allPodsAreToldAndTheServiceIsWoken() throws IOException {
        var order = order(1, null, ready("one", "new"), ready(new Pod("two"), "old"));

        assertThat(push.order(CHURN, order)).satisfies(convergence -> {
            assertThat(convergence.isComplete()).isFalse();
            assertThat(convergence.reason()).isEqualTo("Pushing");
            assertThat(convergence.message()).contains("2 of 2 pods");
        });
        awaitComplete(order);
        assertThat(woken).hasValue(1);
        assertThat(told).containsExactlyInAnyOrder("one 1", "two 1");

        assertThat(push.order(CHURN, order).isComplete()).isTrue();
        assertThat(told).as("nobody is told twice").hasSize(2);
    }

    @Test
    void aPodThatComesLaterIsToldToo() throws IOException {
        awaitComplete(order(1, null, ready("one", "new")));
        var second = new Pod("two");

        awaitComplete(order(1, null, ready("one", "new"), ready(second, "new")));

        assertThat(told).containsExactly("one 1", "two 1");
    }

    @Test
    void aPodThatBeginsAnewIsToldAgain() {
        awaitComplete(order(1, null, ready("one", "new")));

        awaitComplete(order(1, null, new ServingPod("one/1", "one", "new", "one", true)));

        assertThat(told).containsExactly("one 1", "one 1");
    }

    @Test
    void aPodThatIsReadyAndCanNotBeReachedIsNamedAndToldWhenItCan() throws IOException {
        var away = ready("three", "old");
        var order = order(1, null, ready("one", "new"), away);
        push.order(CHURN, order);

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(push.order(CHURN, order)).satisfies(convergence -> {
                    assertThat(convergence.reason()).isEqualTo("PodUnreachable");
                    assertThat(convergence.message()).contains("pod three at localhost:1 ", "NetworkPolicy");
                }));
        assertThat(woken).hasPositiveValue();

        new Pod("three");
        awaitComplete(order);
    }

    /** Nobody sends it anything, and nobody listens there: a container that is about to start or to end. */
    @Test
    void aPodThatDoesNotServeAndDoesNotListenIsNotWaitedForUntilItIsReady() throws IOException {
        var starting = new ServingPod("three/0", "three", "new", "three", false);
        awaitComplete(order(1, null, ready("one", "new"), starting));

        new Pod("three");
        var ready = order(1, null, ready("one", "new"), ready("three", "new"));
        assertThat(push.order(CHURN, ready).isComplete()).isFalse();
        awaitComplete(ready);
    }

    @Test
    void aPodThatHangsHoldsWhatWaitsForItAndNothingElse() throws IOException {
        var hanging = new Pod("two");
        hanging.hangs = new CountDownLatch(1);
        var order = order(1, null, ready("one", "new"), ready(hanging, "old"));
        push.order(CHURN, order);

        await().atMost(LIMIT).until(() -> push.order(CHURN, order).reason().equals("PodUnreachable"));
        hanging.hangs.countDown();
        awaitComplete(order);
    }

    @Test
    void howLongATableTookIsToldOnceAndCountsTheSlowestPod() throws IOException {
        var slow = new Pod("two");
        slow.hangs = new CountDownLatch(1);
        var begin = System.nanoTime();
        push.order(CHURN, order(1, null, ready("one", "new"), ready(slow, "old")));
        await().atMost(LIMIT).until(() -> told.contains("one 1"));
        assertThat(pushes).isEmpty();
        slow.hangs.countDown();
        var order = order(1, null, ready("one", "new"), ready(slow, "old"));
        awaitComplete(order);
        assertThat(pushes).singleElement().satisfies(took -> assertThat(took)
                .isPositive()
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begin)));

        awaitComplete(order(1, null, ready("one", "new"), ready(slow, "old"), ready(new Pod("three"), "new")));
        assertThat(pushes).as("a pod that comes later takes no new table").hasSize(1);
        awaitComplete(order(2, null, ready("one", "new")));
        assertThat(pushes).hasSize(2);
    }

    @Test
    void podsOfAClosedRevisionAreToldFirst() throws IOException {
        var candidate = new Pod("two");
        awaitComplete(order(1, null, ready("one", "old"), ready(candidate, "new")));
        told.clear();

        awaitComplete(order(2, "new", ready("one", "old"), ready(candidate, "new")));

        assertThat(told).containsExactly("two 2", "one 2");
    }

    @Test
    void aClosedPodThatHangsDelaysTheOthersByAMomentOnly() throws IOException {
        var candidate = new Pod("two");
        candidate.hangs = new CountDownLatch(1);
        var begin = System.nanoTime();
        push.order(CHURN, order(2, "new", ready("one", "old"), ready(candidate, "new")));

        await().atMost(LIMIT).until(() -> told.contains("one 2"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(150));
        candidate.hangs.countDown();
    }

    /** As after the ConfigMap was deleted, or while another leads: what pods obey is told, and nothing is set back. */
    @Test
    void aPodThatIsAheadIsHeardOf() {
        pods.get("one").inForce = 57;
        var order = order(3, null, ready("one", "new"));
        push.order(CHURN, order);

        await().atMost(LIMIT).until(() -> push.taken(CHURN, 3) == 57);
        assertThat(push.order(CHURN, order).isComplete()).isFalse();
        assertThat(woken).hasPositiveValue();

        awaitComplete(order(58, null, ready("one", "new")));
    }

    @Test
    void whatWasStoredAndIsLostIsOutdone() {
        awaitComplete(order(5, null, ready("one", "new")));

        assertThat(push.taken(CHURN, 5)).isZero();
        assertThat(push.taken(CHURN, 0)).isEqualTo(5);
        push.forget(CHURN);
        assertThat(push.taken(CHURN, 0)).isZero();
    }

    @Test
    void aPodThatRefusesIsNamed() {
        pods.get("one").answers = 403;
        var order = order(1, null, ready("one", "new"));
        push.order(CHURN, order);

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(push.order(CHURN, order)).satisfies(convergence -> {
                    assertThat(convergence.reason()).isEqualTo("PodRefuses");
                    assertThat(convergence.message()).contains("another key");
                }));
    }

    /** A call that was long under way arrives after the next one: the pod refuses it, and that is nobody's news. */
    @Test
    void aCallThatIsOvertakenChangesNothing() throws IOException {
        var slow = new Pod("two");
        var first = new CountDownLatch(1);
        slow.hangs = first;
        push.order(CHURN, order(1, null, ready(slow, "new")));
        await().atMost(LIMIT).until(() -> slow.underWay.get() == 1);
        slow.hangs = new CountDownLatch(0);
        awaitComplete(order(2, null, ready(slow, "new")));

        first.countDown();
        await().atMost(LIMIT).until(() -> slow.underWay.get() == 0);
        assertThat(push.taken(CHURN, 2)).isZero();
        assertThat(push.order(CHURN, order(2, null, ready(slow, "new"))).isComplete())
                .isTrue();
    }

    /** At first nobody listens at port 1. */
    private String authority(ServingPod pod) {
        var there = pods.get(pod.name());
        return "localhost:" + (there == null ? 1 : there.server.getAddress().getPort());
    }

    private void awaitComplete(Order order) {
        await().atMost(LIMIT).until(() -> push.order(CHURN, order).isComplete());
    }

    private static Order order(long generation, String closed, ServingPod... pods) {
        return new Order(generation, Long.toString(generation), closed, Arrays.asList(pods));
    }

    private static ServingPod ready(Pod pod, String revision) {
        return ready(pod.name, revision);
    }

    private static ServingPod ready(String name, String revision) {
        return new ServingPod(name + "/0", name, revision, name, true);
    }

    /** Obeys the highest generation that it is told. */
    private final class Pod {
        final String name;
        final HttpServer server;
        final AtomicInteger underWay = new AtomicInteger();
        volatile long inForce;
        volatile int answers;
        volatile CountDownLatch hangs = new CountDownLatch(0);

        Pod(String name) throws IOException {
            this.name = name;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/admin/traffic", exchange -> {
                underWay.incrementAndGet();
                try {
                    var generation = Long.parseLong(
                            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                    if (!hangs.await(60, TimeUnit.SECONDS)) {
                        throw new IOException("nobody let it go");
                    }
                    int status;
                    synchronized (this) {
                        status = answers > 0 ? answers : generation < inForce ? 409 : 200;
                        if (status == 200) {
                            inForce = generation;
                            told.add(name + " " + generation);
                        }
                    }
                    var body = "{\"service\":\"uid\",\"generation\":%d,\"revision\":\"r\"}"
                            .formatted(inForce)
                            .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, body.length);
                    exchange.getResponseBody().write(body);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                } finally {
                    underWay.decrementAndGet();
                    exchange.close();
                }
            });
            server.start();
            pods.put(name, this);
        }

        void close() {
            hangs.countDown();
            server.stop(0);
        }
    }
}
