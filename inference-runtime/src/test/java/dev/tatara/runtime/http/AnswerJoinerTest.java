package dev.tatara.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // what was sent tells
class AnswerJoinerTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new AnswerJoiner());

    private ChannelFuture write(String text) {
        return channel.write(Unpooled.buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private String sent() {
        ByteBuf sent = channel.readOutbound();
        return sent == null ? null : sent.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void joinsWhatIsFlushedTogether() {
        ChannelFuture head = write("head ");
        ChannelFuture body = write("body");
        assertThat(sent()).isNull();
        channel.flush();
        assertThat(sent()).isEqualTo("head body");
        assertThat(sent()).isNull();
        assertThat(head.isSuccess()).isTrue();
        assertThat(body.isSuccess()).isTrue();
    }

    @Test
    void joinsPipelinedAnswersToo() {
        write("a");
        write("b");
        channel.write(Unpooled.copiedBuffer("c", StandardCharsets.US_ASCII), channel.voidPromise());
        write("d");
        channel.flush();
        assertThat(sent()).isEqualTo("abcd");
    }

    @Test
    void doesNotCopyLargeBodies() {
        String large = "x".repeat(5000);
        write("head ");
        write(large);
        write("next");
        channel.flush();
        assertThat(sent()).isEqualTo("head ");
        assertThat(sent()).isEqualTo(large);
        assertThat(sent()).isEqualTo("next");
    }

    @Test
    void leavesWhatOthersHoldAlone() {
        ByteBuf held = Unpooled.buffer().writeBytes("held".getBytes(StandardCharsets.US_ASCII));
        held.retain();
        ChannelFuture ignored = channel.write(held);
        write("next");
        channel.flush();
        assertThat(sent()).isEqualTo("heldnext");
        assertThat(ignored.isSuccess()).isTrue();
        assertThat(held.toString(StandardCharsets.US_ASCII)).isEqualTo("held");
        assertThat(held.refCnt()).isEqualTo(1);
    }

    @Test
    void findsRoomForSmallPartsOfAFrame() {
        String expected = "";
        for (int i = 0; i < 500; i++) {
            channel.write(Unpooled.wrappedBuffer(new byte[] {'a', 'b', 'c'}));
            expected += "abc";
        }
        channel.flush();
        assertThat(sent() + sent()).isEqualTo(expected);
        assertThat(sent()).isNull();
    }

    /** HTTP/2 writes a frame's head and content with one promise, which wants to hear twice. */
    @Test
    void tellsAPromiseOnceForEachPart() {
        AtomicInteger told = new AtomicInteger();
        ChannelPromise both = new DefaultChannelPromise(channel) {
            @Override
            public boolean trySuccess() {
                return told.incrementAndGet() == 2 && super.trySuccess();
            }
        };
        channel.write(Unpooled.copiedBuffer("head", StandardCharsets.US_ASCII), both);
        channel.write(Unpooled.copiedBuffer("content", StandardCharsets.US_ASCII), both);
        channel.flush();
        assertThat(sent()).isEqualTo("headcontent");
        assertThat(both.isSuccess()).isTrue();
    }

    @Test
    void tellsEveryWriterOfAFailure() {
        ChannelFuture head = write("head");
        ChannelFuture body = write("body");
        assertThat(channel.close().awaitUninterruptibly().isSuccess()).isTrue();
        assertThat(head.isDone()).isTrue();
        assertThat(body.isDone()).isTrue();
    }
}
