using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Funion.Oip;

namespace Funion.Client;

/// <summary>
/// Lets an existing client of the Open Inference Protocol v2 (REST, with the binary tensor extension) ask anonymously, in its own process: give its
/// <see cref="HttpClient"/> this handler and any base address. Nothing is resolved and nothing is sent there: the request ends here but for its tensors,
/// and no header of it goes further. Routes are those of <see cref="OipService"/>; errors are the protocol's <c>{"error":"sentence"}</c>:
/// 400 what the model does not take, 404 no such model or bucket, 502 the network gave no result, 503 no gateway, 504 too late.
/// </summary>
/// <remarks>An <see cref="HttpClient"/> gives up after 100 seconds unless its <see cref="HttpClient.Timeout"/> says otherwise; buckets may be longer.</remarks>
public sealed class MixHttpHandler : HttpMessageHandler
{
    readonly OipService _service;

    /// <summary>A handler over a running client, which stays its owner's.</summary>
    public MixHttpHandler(FunionClient client)
        : this(OipBackend.Of(client))
    {
    }

    internal MixHttpHandler(OipBackend backend) => _service = new OipService(backend);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        OipAnswer answer;
        try
        {
            string[] path = (request.RequestUri?.AbsolutePath ?? "").Split('/');
            answer = path is ["", "v2", .. var route]
                ? await _service.AnswerAsync(ToCall(request), [.. route.Select(Uri.UnescapeDataString)], cancellationToken)
                : OipAnswer.NoRoute;
        }
        catch (FunionException exception)
        {
            answer = OipAnswer.Of(exception.Error);
        }
        return ToResponse(answer, request);
    }

    static OipCall ToCall(HttpRequestMessage request) => new(
        request.Method.Method, Header(request, "Content-Type"), Header(request, "Content-Encoding") is not null,
        Header(request, OipAnswer.JsonLengthHeader), cancellation => ReadAsync(request.Content, cancellation));

    /// <summary>A header wherever it stands: those that .NET does not know may be the request's or its content's.</summary>
    static string? Header(HttpRequestMessage request, string name)
    {
        bool found = request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values)
            || (request.Content?.Headers.NonValidated.TryGetValues(name, out values) ?? false);
        return found ? values.ToString() : null;
    }

    static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent? content, CancellationToken cancellation)
    {
        if (content is null)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        try
        {
            await content.LoadIntoBufferAsync(OipRequest.MaxBytes, cancellation);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return null;
        }
        return await content.ReadAsByteArrayAsync(cancellation);
    }

    static HttpResponseMessage ToResponse(OipAnswer answer, HttpRequestMessage request)
    {
        HttpResponseMessage response = new(answer.Status) { RequestMessage = request, Content = new ReadOnlyMemoryContent(answer.Body) };
        response.Content.Headers.ContentType = answer.ContentType is null ? null : new MediaTypeHeaderValue(answer.ContentType);
        if (answer.Allow is { } allowed)
        {
            response.Content.Headers.Allow.Add(allowed);
        }
        if (answer.JsonLength is { } length)
        {
            response.Headers.Add(OipAnswer.JsonLengthHeader, length.ToString(CultureInfo.InvariantCulture));
        }
        return response;
    }
}
