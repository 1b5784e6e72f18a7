package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Set;

/** gRPC's health checking protocol: the whole server ("") and each service are ready together. */
final class Health {
    static final String SERVICE = "grpc.health.v1.Health";

    private static final int SERVICE_FIELD = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;
    private static final int SERVICE_UNKNOWN = 3;
    private static final long POLL_MILLIS = 250;

    private final Serving serving;
    private final Set<String> services;

    Health(Serving serving, Set<String> services) {
        this.serving = serving;
        this.services = services;
    }

    Message check(ProtoReader request) throws RequestException {
        String service = service(request);
        if (status(service) == SERVICE_UNKNOWN) {
            throw new RequestException(404, "unknown service \"" + service + "\"");
        }
        return message(status(service));
    }

    private static String service(ProtoReader request) throws RequestException {
        String service = "";
        for (int tag = request.tag(); tag != 0; tag = request.tag()) {
            if (tag == SERVICE_FIELD) {
                service = request.string();
            } else {
                request.skip(tag);
            }
        }
        return service;
    }

    private int status(String service) {
        if (!service.isEmpty() && !services.contains(service)) {
            return SERVICE_UNKNOWN;
        }
        return serving.isReady() ? SERVING : NOT_SERVING;
    }

    private static Message message(int status) {
        return new Message().number(1, status);
    }

    /** A {@code Watch}: it lasts until the client ends it, so it doesn't keep a draining server from ending. */
    Messages.Receiver watch(Call call) {
        return new Watch(call);
    }

    private final class Watch implements Messages.Receiver {
        private final Call call;
        private final Vertx vertx = Vertx.currentContext().owner();
        private String service;
        private int told;

        Watch(Call call) {
            this.call = call;
        }

        @Override
        public boolean message(Messages from, Buffer framed) throws RequestException {
            if (service != null) {
                throw RequestException.bad("Watch takes one message, got another");
            }
            service = service(UnaryCall.reader(from.plain(framed)));
            tell();
            long timer = vertx.setPeriodic(POLL_MILLIS, now -> tell());
            call.request().response().closeHandler(gone -> vertx.cancelTimer(timer));
            return false;
        }

        private void tell() {
            int status = status(service);
            if (status != told) {
                told = status;
                call.send(Call.framed(Health.message(status).toByteArray()));
            }
        }

        @Override
        public void end() {
            if (service == null) {
                call.fail(RequestException.bad("Watch takes one message, got none"));
            }
        }

        @Override
        public void refused(RequestException why) {
            call.fail(why);
        }

        @Override
        public void cutOff() {
            call.fail(GrpcStatus.CANCELLED, "the client is gone");
        }
    }
}
