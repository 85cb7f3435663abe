package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.ublkcsi.common.fault.CsiFault;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/** What a failure of the API server means for us. */
public final class Calls {
    static final int CONFLICT = HttpURLConnection.HTTP_CONFLICT;
    private static final int UNPROCESSABLE = 422;
    private static final int SERVER_ERROR = 500;
    private static final int TOO_MANY = 429;

    private Calls() {}

    /**
     * Makes a request.
     *
     * @param what for the message, such as {@code update UblkVolume pvc-1}
     */
    public static <T> T call(String what, Supplier<T> request) {
        try {
            return request.get();
        } catch (KubernetesClientException failure) {
            throw fault(what, failure);
        }
    }

    /** What a failure says; a request that timed out says nothing itself, and its cause does. */
    public static String said(KubernetesClientException failure) {
        Throwable cause = failure;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    static CsiFault fault(String what, KubernetesClientException failure) {
        String said = said(failure);
        int code = failure.getCode();
        if (code == HttpURLConnection.HTTP_FORBIDDEN || code == HttpURLConnection.HTTP_UNAUTHORIZED) {
            return new CsiFault.Unavailable("can't " + what + ", the API server forbids it: " + said
                    + "; see docs/kubernetes.md for the rights");
        }
        if (code == UNPROCESSABLE || code == HttpURLConnection.HTTP_BAD_REQUEST) {
            return new CsiFault.Internal("can't " + what + ", the API server refuses it: " + said, failure);
        }
        if (code == HttpURLConnection.HTTP_NOT_FOUND) {
            return new CsiFault.Unavailable("can't " + what + ": " + said + "; are the driver's CRDs installed?");
        }
        if (code <= 0 || code >= SERVER_ERROR || code == TOO_MANY || code == CONFLICT) {
            return new CsiFault.Unavailable("can't " + what + ", the API server does not answer: " + said, failure);
        }
        return new CsiFault.Internal("can't " + what + ": " + said, failure);
    }
}
