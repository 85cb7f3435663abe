package io.ublkcsi.controller.page;

import io.ublkcsi.common.fault.CsiFault;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * A part of a list, in the order of ids.
 *
 * <p>A token says after which id to go on. So it stays good when entries come and go between two calls, that one
 * included: nothing that stays is left out or comes twice.
 *
 * @param nextToken empty at the end
 */
public record Page<E>(List<E> entries, String nextToken) {
    private static final String MARK = "after:";

    /**
     * Cuts a page.
     *
     * @param all in the order of their ids
     * @param maxEntries 0: all that is left
     * @throws CsiFault.Busy for a token that is none of ours; ABORTED tells the caller to start over
     */
    public static <E> Page<E> of(List<E> all, Function<E, String> id, int maxEntries, String startingToken) {
        String after = startingToken.isEmpty() ? "" : decode(startingToken);
        List<E> rest = all.stream()
                .filter(entry -> id.apply(entry).compareTo(after) > 0)
                .toList();
        if (maxEntries == 0 || rest.size() <= maxEntries) {
            return new Page<>(rest, "");
        }
        List<E> page = rest.subList(0, maxEntries);
        return new Page<>(page, encode(id.apply(page.getLast())));
    }

    private static String encode(String id) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((MARK + id).getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith(MARK) && encode(text.substring(MARK.length())).equals(token)) {
                return text.substring(MARK.length());
            }
        } catch (IllegalArgumentException notBase64) {
            // Said below.
        }
        throw new CsiFault.Busy("starting_token: is none of this driver's; start from the beginning, without a token");
    }
}
