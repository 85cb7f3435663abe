package io.ublkcsi.engine.frontend;

import java.util.List;

/**
 * What a device is, as the kernel granted it: fixed for the device's life.
 *
 * @param id the frontend's own number of it
 * @param path of the block device
 * @param major of the block device
 * @param minor of the block device
 * @param maxIoBytes the largest request
 * @param features names, for people
 */
public record DeviceFacts(
        FrontendKind kind,
        int id,
        String path,
        int major,
        int minor,
        int queues,
        int depth,
        int maxIoBytes,
        List<String> features,
        DataPathChoice dataPath) {}
