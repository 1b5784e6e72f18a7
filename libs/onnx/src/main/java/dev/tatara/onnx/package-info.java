/**
 * A thin binding over ONNX Runtime's C API through the Foreign Function API.
 *
 * <p>{@link dev.tatara.onnx.OnnxRuntime} loads the native library, {@link dev.tatara.onnx.OnnxModel} is a loaded model
 * that any number of threads may share, and a {@link dev.tatara.onnx.OnnxCall} is one thread's reusable way to run it:
 * inputs are read where the caller has them, outputs are read where ONNX Runtime put them, nothing is copied between.
 *
 * <p>{@link dev.tatara.onnx.ModelHeader} reads what the C API doesn't tell (operator sets) from the file itself.
 */
package dev.tatara.onnx;
