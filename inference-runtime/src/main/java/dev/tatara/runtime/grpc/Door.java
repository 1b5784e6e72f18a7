package dev.tatara.runtime.grpc;

import dev.tatara.runtime.serving.Lane;

/** What reads and writes gRPC on one lane. */
record Door(Lane lane, InferReader reader, InferWriter writer) {

    static Door of(Lane lane, long mostBytes) {
        return new Door(lane, new InferReader(lane.model(), lane.entities(), mostBytes), new InferWriter(lane.model()));
    }
}
