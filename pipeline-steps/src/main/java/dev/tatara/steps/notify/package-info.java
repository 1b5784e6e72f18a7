/** {@code notify}: tells somebody outside what happened. */
package dev.tatara.steps.notify;
