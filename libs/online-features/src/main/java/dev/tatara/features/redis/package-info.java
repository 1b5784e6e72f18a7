/** Where a Redis is and how it lets one in, as a mounted Secret says; without any client. */
package dev.tatara.features.redis;
