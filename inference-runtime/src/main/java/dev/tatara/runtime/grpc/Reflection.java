package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** gRPC's server reflection: tells tools like grpcurl what there is to call, from what protoc made of src/main/proto. */
final class Reflection {
    static final String SERVICE = "grpc.reflection.v1.ServerReflection";
    /** What older tools ask; the messages are the same. */
    static final String OLDER_SERVICE = "grpc.reflection.v1alpha.ServerReflection";

    private static final int FILE_BY_NAME = ProtoReader.tag(3, ProtoReader.DELIMITED);
    private static final int FILE_BY_SYMBOL = ProtoReader.tag(4, ProtoReader.DELIMITED);
    private static final int LIST_SERVICES = ProtoReader.tag(7, ProtoReader.DELIMITED);
    private static final int FIRST_FIELD = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int SECOND_FIELD = ProtoReader.tag(2, ProtoReader.DELIMITED);

    private static final int NOT_FOUND = 5;
    private static final int UNIMPLEMENTED = 12;

    private final List<String> services;
    private List<File> files;

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record File(String name, String protoPackage, byte[] description) {}

    Reflection(List<String> services) {
        this.services = services;
    }

    Messages.Receiver answer(Call call) {
        return new Messages.Receiver() {
            @Override
            public boolean message(Messages from, Buffer framed) throws RequestException {
                call.send(
                        Call.framed(answer(UnaryCall.reader(from.plain(framed))).toByteArray()));
                return false;
            }

            @Override
            public void end() {
                call.end();
            }

            @Override
            public void refused(RequestException why) {
                call.fail(why);
            }

            @Override
            public void cutOff() {
                call.fail(GrpcStatus.CANCELLED, "the client is gone");
            }
        };
    }

    private Message answer(ProtoReader request) throws RequestException {
        byte[] original = java.util.Arrays.copyOfRange(request.bytes(), request.position(), request.end());
        Message answer = new Message().bytes(2, original);
        for (int tag = request.tag(); tag != 0; tag = request.tag()) {
            if (tag == FILE_BY_NAME) {
                String name = request.string();
                return file(answer, name, file -> file.name.equals(name));
            } else if (tag == FILE_BY_SYMBOL) {
                String symbol = request.string();
                return file(answer, symbol, file -> symbol.startsWith(file.protoPackage + "."));
            } else if (tag == LIST_SERVICES) {
                Message list = new Message();
                services.forEach(service -> list.message(1, new Message().text(1, service)));
                return answer.message(6, list);
            }
            request.skip(tag);
        }
        return answer.message(7, new Message().number(1, UNIMPLEMENTED).text(2, "there are no extensions here"));
    }

    private Message file(Message answer, String asked, Predicate<File> wanted) throws RequestException {
        Optional<File> found = files().stream().filter(wanted).findFirst();
        return found.isPresent()
                ? answer.message(4, new Message().bytes(1, found.get().description))
                : answer.message(7, new Message().number(1, NOT_FOUND).text(2, "unknown: " + asked));
    }

    /** Read when somebody asks: most servers are never asked. */
    private List<File> files() throws RequestException {
        if (files == null) {
            try (InputStream in = Reflection.class.getResourceAsStream("/grpc/services.desc")) {
                files = parse(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    private static List<File> parse(byte[] set) throws RequestException {
        List<File> parsed = new ArrayList<>();
        ProtoReader in = new ProtoReader();
        in.open(set, 0, set.length);
        while (in.tag() == FIRST_FIELD) {
            int outer = in.enter();
            byte[] description = java.util.Arrays.copyOfRange(set, in.position(), in.end());
            String name = "";
            String protoPackage = "";
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                if (tag == FIRST_FIELD) {
                    name = in.string();
                } else if (tag == SECOND_FIELD) {
                    protoPackage = in.string();
                } else {
                    in.skip(tag);
                }
            }
            in.leave(outer);
            parsed.add(new File(name, protoPackage, description));
        }
        return parsed;
    }
}
