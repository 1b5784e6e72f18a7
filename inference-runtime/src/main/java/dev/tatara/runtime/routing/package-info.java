/**
 * Who answers a request that came to this pod: the traffic table that is in force, the way to other pods' peer ports,
 * and what is counted of it. A pod without a table, or whose table knows nobody else, pays one read of a field for it.
 */
package dev.tatara.runtime.routing;
