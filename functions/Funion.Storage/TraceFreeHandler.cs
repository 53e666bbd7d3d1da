namespace Funion.Storage;

/// <summary>Takes trace context off every request, last of all: Azure.Core adds it for any current Activity even when its tracing is disabled.</summary>
sealed class TraceFreeHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    static readonly string[] Traces = ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context", "Diagnostic-Id"];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Strip(request);
        return base.SendAsync(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Strip(request);
        return base.Send(request, cancellationToken);
    }

    static void Strip(HttpRequestMessage request)
    {
        foreach (string trace in Traces)
        {
            request.Headers.Remove(trace);
        }
    }
}
