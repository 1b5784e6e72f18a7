/** Tables of rows in DuckDB: what materialization, joins and checks are made of. */
package dev.tatara.steps.tables;
