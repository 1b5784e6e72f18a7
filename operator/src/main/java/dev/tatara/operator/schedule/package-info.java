/** When things that are done again and again are due. */
package dev.tatara.operator.schedule;
