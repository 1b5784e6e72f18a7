package dev.tatara.runtime.routing;

import dev.tatara.traffic.Choice;
import dev.tatara.traffic.TrafficTable;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/** A table as this pod acts by it. Unchanging, for all event loops. */
public final class Routes {
    private final TrafficTable table;
    private final Choice choice;
    private final List<Side> sides;
    private final Side own;
    private final Side shadow;

    Routes(TrafficTable table, String ownRevision, RouterMeters meters) {
        this.table = table;
        choice = new Choice(table);
        List<Side> all = new ArrayList<>();
        Side mine = null;
        for (TrafficTable.Entry entry : table.entries()) {
            boolean isOwn = entry.revision().equals(ownRevision);
            Side side = new Side(all.size(), entry, isOwn, meters.of(entry.revision()));
            all.add(side);
            mine = isOwn ? side : mine;
        }
        sides = List.copyOf(all);
        own = mine;
        shadow = table.shadow() == null
                ? null
                : sides.stream()
                        .filter(side -> side.revision().equals(table.shadow().revision()))
                        .findFirst()
                        .orElseThrow();
    }

    /** Who answers this request. */
    public Side choose(HttpServerRequest request) {
        // A pod that the table doesn't know any more is about to go: others answer what still comes to it.
        Side side = table.dividedBefore() && own != null
                ? own
                : sides.get(choice.choose(
                        request::getHeader, ThreadLocalRandom.current().nextInt(Choice.DRAWS)));
        side.chosen().increment();
        return side;
    }

    /**
     * Who asks, as experiments count it; null where that doesn't decide.
     *
     * @param headers the value of a header of the request by its name, or null
     */
    public String subject(UnaryOperator<String> headers) {
        return table.stickyHeader() == null ? null : choice.subject(headers);
    }

    TrafficTable table() {
        return table;
    }

    long generation() {
        return table.generation();
    }

    List<Side> sides() {
        return sides;
    }

    /** The pod's own revision; null where the table doesn't know it any more. */
    Side own() {
        return own;
    }

    /** Who gets copies; null where nobody does. */
    Side shadow() {
        return shadow;
    }

    /** Whether this pod may answer what another one should have. */
    boolean mayStandIn() {
        return own != null && own.weight() > 0;
    }

    /** Whether all requests are this pod's own, and nobody wants copies: then there is nothing to decide. */
    boolean isAlone() {
        return sides.size() == 1 && own != null && table.shadow() == null;
    }
}
