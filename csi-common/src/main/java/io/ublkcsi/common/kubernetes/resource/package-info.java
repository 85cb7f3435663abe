/** The custom resources as their CRDs describe them. The schema is generated from these classes. */
@NullMarked
package io.ublkcsi.common.kubernetes.resource;

import org.jspecify.annotations.NullMarked;
