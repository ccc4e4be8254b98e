"""One file a vendor: a page into the bytes of that vendor's XML. Pure: no I/O, no Flask, no SQL, no search."""
