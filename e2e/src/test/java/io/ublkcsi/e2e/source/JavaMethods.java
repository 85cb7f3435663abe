package io.ublkcsi.e2e.source;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Lengths of methods and constructors in Java files, by javac's own parser; of overloads, the longest counts. */
final class JavaMethods extends TreeScanner<@Nullable Void, @Nullable Void> {
    private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Deque<String> classes = new ArrayDeque<>();
    private final Map<String, Integer> lengths = new TreeMap<>();

    private JavaMethods(CompilationUnitTree unit, SourcePositions positions) {
        this.unit = unit;
        this.positions = positions;
    }

    /** By path, and by name; {@code sources} are the files' texts by their paths. */
    static Map<String, Map<String, Integer>> lengths(Map<String, String> sources) {
        List<JavaFileObject> files = sources.entrySet().stream()
                .map(source -> file(source.getKey(), source.getValue()))
                .toList();
        JavacTask task = (JavacTask) JAVAC.getTask(null, null, null, null, null, files);
        try {
            Map<String, Map<String, Integer>> lengths = new TreeMap<>();
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                JavaMethods methods = new JavaMethods(unit, positions);
                methods.scan(unit, null);
                lengths.put(unit.getSourceFile().toUri().getPath().substring(1), methods.lengths);
            }
            return lengths;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
        classes.push(type.getSimpleName().toString());
        super.visitClass(type, nothing);
        classes.pop();
        return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
        LineMap lines = unit.getLineMap();
        long first = lines.getLineNumber(positions.getStartPosition(unit, method));
        long last = lines.getLineNumber(positions.getEndPosition(unit, method));
        lengths.merge(classes.getFirst() + "." + method.getName(), (int) (last - first + 1), Math::max);
        return super.visitMethod(method, nothing);
    }

    private static JavaFileObject file(String path, String source) {
        return new SimpleJavaFileObject(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
