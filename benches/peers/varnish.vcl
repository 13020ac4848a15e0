vcl 4.1;

# Varnish as it comes: it follows Cache-Control.
backend origin {
    .host = "127.0.0.1";
    .port = "ORIGIN_PORT";
}
