package dev.tatara.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What people ask for, one after the other, of an operator that is killed: after its first write, after its second, and so
 * on, each time in a namespace of its own. When it comes back, all must end as it does undisturbed.
 */
public final class KillStory {
    private final OperatorScene<?> scene;
    private final List<Act> acts = new ArrayList<>();
    private Runnable before = () -> {};

    private KillStory(OperatorScene<?> scene) {
        this.scene = scene;
    }

    /** @param ask may be asked again, which changes nothing */
    private record Act(Runnable ask, BooleanSupplier hasComeAbout) {}

    /** One that begins in an empty namespace. */
    public static KillStory in(OperatorScene<?> scene) {
        return new KillStory(scene);
    }

    /** One that begins with what an operator that nobody kills has made of this. */
    public static KillStory in(OperatorScene<?> scene, Runnable before) {
        var story = new KillStory(scene);
        story.before = () -> {
            scene.start(MortalClient.immortal(OperatorScene.api));
            before.run();
            scene.awaitQuiet();
            scene.kill();
        };
        return story;
    }

    /**
     * Asks for something, once what was asked for before has come about.
     *
     * @param ask may be asked again after a kill, which must not change anything
     */
    public KillStory ask(Runnable ask, BooleanSupplier hasComeAbout) {
        acts.add(new Act(ask, hasComeAbout));
        return this;
    }

    /**
     * Plays it.
     *
     * @param left what the operator leaves, without what differs from one time to the next
     * @param also what else must hold in the end
     */
    public void leavesTheSame(Supplier<?> left, Runnable also) {
        begin(MortalClient.immortal(OperatorScene.api));
        goOn();
        scene.awaitQuiet();
        var writes = scene.client.written().size();
        assertThat(writes).isPositive();
        var undisturbed = left.get();
        also.run();

        for (var lifetime = 0; lifetime < writes; lifetime++) {
            scene.kill();
            scene.makeNamespace();
            var mortal = MortalClient.dyingAfter(OperatorScene.api, lifetime);
            begin(mortal);
            goOnUntilDeath(mortal);
            scene.kill();
            scene.start(MortalClient.immortal(OperatorScene.api));
            goOn();
            await("killed after %d of %d writes".formatted(lifetime, writes))
                    .atMost(OperatorScene.LIMIT)
                    .untilAsserted(() -> assertThat(left.get()).isEqualTo(undisturbed));
            also.run();
        }
    }

    private void begin(MortalClient client) {
        before.run();
        acts.getFirst().ask().run();
        scene.start(client);
    }

    private void goOnUntilDeath(MortalClient mortal) {
        for (var number = 0; number < acts.size() && !mortal.isDead(); number++) {
            var act = acts.get(number);
            if (number > 0) {
                act.ask().run();
            }
            await().atMost(OperatorScene.LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> mortal.isDead() || act.hasComeAbout().getAsBoolean());
        }
    }

    /** What comes later in the story may have come about before a kill. */
    private void goOn() {
        for (var number = 0; number < acts.size(); number++) {
            if (number > 0) {
                acts.get(number).ask().run();
            }
            var rest = acts.subList(number, acts.size());
            await().atMost(OperatorScene.LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() ->
                            rest.stream().anyMatch(act -> act.hasComeAbout().getAsBoolean()));
        }
    }
}
