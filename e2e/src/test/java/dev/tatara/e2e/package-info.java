/** What users see, on a real cluster with the images and the chart as they are shipped. */
package dev.tatara.e2e;
