/** The S3 store of demos and tests. */
package dev.tatara.images.s3proxy;
