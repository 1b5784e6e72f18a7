package dev.tatara.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class IdleCloserTest {
    private static final int IDLE_SECONDS = 40;

    private final EmbeddedChannel channel = new EmbeddedChannel();

    IdleCloserTest() {
        channel.freezeTime();
        channel.pipeline().addLast(new IdleCloser(TimeUnit.SECONDS.toNanos(IDLE_SECONDS)));
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @Test
    void closesWhatIsSilent() {
        pass(IDLE_SECONDS);
        assertThat(channel.isOpen()).isTrue();
        pass(IDLE_SECONDS / 4);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whatIsReadOrSentKeepsItOpen() {
        for (int i = 0; i < 5; i++) {
            pass(IDLE_SECONDS - 1);
            channel.writeInbound("a question");
            pass(IDLE_SECONDS - 1);
            channel.writeOutbound("an answer");
        }
        assertThat(channel.isOpen()).isTrue();
        pass(2 * IDLE_SECONDS);
        assertThat(channel.isOpen()).isFalse();
    }
}
