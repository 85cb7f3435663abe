package io.ublkcsi.node.fake;

import java.util.Optional;

/** Where the fake engine keeps bytes, and how it shows them. */
public interface Backing {
    /** A device node. */
    record Node(String path, int major, int minor) {}

    /** Makes an image, of zeroes or as a copy. */
    void create(String image, long sizeBytes, Optional<String> copyOf);

    void delete(String image);

    void grow(String image, long sizeBytes);

    /** Whether anything was ever written to it. */
    boolean hasData(String image);

    Node attach(String image, boolean readOnly);

    /** Tells the kernel of the image's new size. */
    void resize(Node node);

    /** False while it is in use. */
    boolean detach(Node node);
}
