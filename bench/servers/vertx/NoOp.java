import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What HTTP alone costs with Vert.x: every request's body is read, and a file's bytes are the answer.
 * Arguments: the file, the port. One event loop.
 */
final class NoOp {
    private NoOp() {}

    static void main(String... args) throws IOException {
        Buffer answer = Buffer.buffer(Files.readAllBytes(Path.of(args[0])));
        String length = String.valueOf(answer.length());
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(args[1])))
                .requestHandler(request -> request.body().onSuccess(body -> request.response()
                        .putHeader("content-type", "application/json")
                        .putHeader("content-length", length)
                        .end(answer)))
                .listen()
                .onFailure(failure -> {
                    System.err.println(failure.getMessage());
                    System.exit(1);
                });
    }
}
