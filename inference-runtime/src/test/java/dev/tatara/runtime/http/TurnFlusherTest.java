package dev.tatara.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class TurnFlusherTest {
    private final List<Object> written = new ArrayList<>();
    private int flushes;

    /** Takes what is written: the channel itself would run waiting tasks at every write. */
    private final ChannelOutboundHandlerAdapter connection = new ChannelOutboundHandlerAdapter() {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            written.add(message);
            promise.setSuccess();
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            flushes++;
        }
    };

    /** Answers whatever it reads at once, and flushes once more at the end of the reading, as HTTP/2 does. */
    private final ChannelInboundHandlerAdapter answering = new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush("answer to " + message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    };

    private final EmbeddedChannel channel = new EmbeddedChannel(connection, new TurnFlusher(), answering);

    private void inOneTurn(int answers) {
        for (int i = 0; i < answers; i++) {
            channel.pipeline().writeAndFlush(i);
        }
    }

    @Test
    void flushesOnceForAReading() {
        channel.writeInbound("a", "b", "c");
        assertThat(flushes).isEqualTo(1);
        assertThat(written).containsExactly("answer to a", "answer to b", "answer to c");
    }

    @Test
    void flushesOnceForATurn() {
        inOneTurn(3);
        assertThat(flushes).isZero();
        channel.runPendingTasks();
        assertThat(flushes).isEqualTo(1);
        assertThat(written).hasSize(3);
        channel.runPendingTasks();
        assertThat(flushes).isEqualTo(1);
    }

    @Test
    void doesNotGatherWithoutEnd() {
        inOneTurn(1_000);
        assertThat(flushes).isEqualTo(3);
        channel.runPendingTasks();
        assertThat(flushes).isEqualTo(4);
    }

    @Test
    void nothingIsLeftBehindWhenItGoes() {
        inOneTurn(1);
        channel.pipeline().remove(TurnFlusher.class);
        assertThat(flushes).isEqualTo(1);
    }
}
