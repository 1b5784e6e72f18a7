package dev.tatara.runtime.features;

import dev.tatara.features.OnlineView;

/**
 * A view and where its features lie.
 *
 * @param store the name of its Redis: a folder with what a Secret says
 */
public record StoredView(OnlineView view, String store) {}
