package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module assembled from source files in {@code resources/torchscript}, with the numbers of one model as its
 * attributes. The archive's layout is that of {@code torch.jit.save}: a stored zip with code and a pickled state.
 *
 * <p>Thread-safe: the module itself holds no tensors.
 */
final class TorchScript {
    private static final List<String> SOURCES =
            List.of("decoder", "head", "training", "continual", "pretraining", "decoding");

    private final PtSymbolBlock module;

    /**
     * @param attributes names and values ({@link Integer} or {@link Double}) that the source reads as {@code self.name}
     */
    TorchScript(NDManager manager, Map<String, Number> attributes) {
        TorchEngine.load();
        byte[] archive = archive(source(attributes), state(attributes));
        try {
            this.module = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a method that needs no gradients. Results belong to the manager of the first argument. */
    NDList infer(String method, NDList arguments) {
        ready(false);
        List<IValue> values = values(arguments);
        // DJL's own call would keep the arguments for good where the script throws, as for want of memory.
        try (IValue result = IValueUtils.runMethod(module, method, values.toArray(IValue[]::new))) {
            return result.toNDList((PtNDManager) arguments.get(0).getManager());
        } finally {
            values.forEach(IValue::close);
        }
    }

    /** Calls a method that takes gradients inside. Results belong to the manager of the first argument. */
    NDList train(String method, NDList arguments) {
        ready(true);
        try (NDArray tag = arguments.get(0).getManager().create(0f)) {
            tag.setName("module_method:" + method);
            NDList all = new NDList(arguments);
            all.add(tag);
            return IValueUtils.forward(module, all, true);
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    private static void ready(boolean gradients) {
        // The grad mode is the thread's own, and is ON in a fresh thread.
        JniUtils.setGradMode(gradients);
        // The profiling executor compiles each method again for its first calls and then rounds differently from them.
        JniUtils.setGraphExecutorOptimize(false);
    }

    /** Arrays under one name that ends with [] are a list, as they are for DJL. */
    private static List<IValue> values(NDList arguments) {
        List<IValue> values = new ArrayList<>();
        int from = 0;
        while (from < arguments.size()) {
            String name = arguments.get(from).getName();
            int to = from + 1;
            if (name == null || !name.endsWith("[]")) {
                values.add(IValue.from((PtNDArray) arguments.get(from)));
            } else {
                while (to < arguments.size() && name.equals(arguments.get(to).getName())) {
                    to++;
                }
                values.add(IValue.listFrom(arguments.subList(from, to).stream()
                        .map(PtNDArray.class::cast)
                        .toArray(PtNDArray[]::new)));
            }
            from = to;
        }
        return values;
    }

    private static String source(Map<String, Number> attributes) {
        StringBuilder code = new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
        code.append("  training : bool\n");
        attributes.forEach((name, value) ->
                code.append("  ").append(name).append(value instanceof Double ? " : float\n" : " : int\n"));
        for (String name : SOURCES) {
            for (String line : resource("/torchscript/" + name + ".torchscript").split("\n", -1)) {
                code.append("  ").append(line).append('\n');
            }
        }
        return code.toString();
    }

    private static String resource(String path) {
        try (InputStream in = TorchScript.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("resource " + path + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pickle, protocol 2: {@code M.__new__(); setstate({"training": False, name: value, …})}. */
    private static byte[] state(Map<String, Number> attributes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x80);
        out.write(2);
        out.writeBytes("c__torch__\nM\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        string(out, "training");
        out.write(0x89);
        attributes.forEach((name, value) -> {
            string(out, name);
            if (value instanceof Double real) {
                out.write('G');
                out.writeBytes(ByteBuffer.allocate(8).putDouble(real).array());
            } else {
                out.write('J');
                out.writeBytes(little(value.intValue()));
            }
        });
        out.writeBytes(new byte[] {'u', 'b', '.'});
        return out.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(little(bytes.length));
        out.writeBytes(bytes);
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] archive(String source, byte[] state) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            store(zip, "data.pkl", state);
            store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
            store(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry("m/" + name);
        entry.setMethod(ZipEntry.STORED);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setCrc(checksum.getValue());
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
