using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Oip;
using Microsoft.AspNetCore.Http;

namespace Funion.Cli.Proxy;

/// <summary>
/// The routes by which the tool uses a client that is already running, under /funion/v1:
/// <code>
/// GET  status                                     → JSON
/// POST put[?copy=true] application/octet-stream   → {"read":"…","write":"…"}
/// POST get     {"capability":"…"}                 → application/octet-stream
/// POST delete  {"capability":"…"}                 → 204
/// </code>
/// </summary>
sealed class LocalRoutes(ProxyHandlers handlers)
{
    /// <summary>The answer to a request with the right token; throws what the handlers throw.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its path, split, without "funion" and "v1".</param>
    /// <param name="cancellation">Ends with the caller or at the deadline.</param>
    public async Task<OipAnswer> AnswerAsync(HttpContext context, string[] path, CancellationToken cancellation)
    {
        try
        {
            return (context.Request.Method, path) switch
            {
                ("GET", ["status"]) when handlers.Status is { } status => OipAnswer.Of(status()),
                ("POST", ["put"]) when handlers.Put is { } put => await PutAsync(context.Request, put, cancellation),
                ("POST", ["get"]) when handlers.Get is { } get => await WithCapabilityAsync(
                    context.Request,
                    async capability => new OipAnswer(
                        HttpStatusCode.OK, await get(capability, cancellation).WaitAsync(cancellation), OipAnswer.Binary),
                    cancellation),
                ("POST", ["delete"]) when handlers.Delete is { } delete => await WithCapabilityAsync(
                    context.Request,
                    async capability =>
                    {
                        await delete(capability, cancellation).WaitAsync(cancellation);
                        return new OipAnswer(HttpStatusCode.NoContent, default, null);
                    },
                    cancellation),
                (not "GET", ["status"]) => OipService.WrongMethod("GET"),
                (not "POST", ["put" or "get" or "delete"]) => OipService.WrongMethod("POST"),
                _ => OipAnswer.NoRoute,
            };
        }
        catch (FunionException exception) when (exception.Error == FunionError.NotFound)
        {
            return OipAnswer.Error(HttpStatusCode.NotFound, "Nothing is stored there.");
        }
    }

    static async Task<OipAnswer> PutAsync(
        HttpRequest request,
        Func<ReadOnlyMemory<byte>, bool, CancellationToken, Task<(string Read, string Write)>> put,
        CancellationToken cancellation)
    {
        OipCall call = ProxyServer.ToCall(request);
        if (!call.IsOfType(OipAnswer.Binary))
        {
            return OipAnswer.Error(HttpStatusCode.UnsupportedMediaType, $"Send {OipAnswer.Binary}.");
        }
        if (await call.ReadBody(cancellation) is not { } body)
        {
            return OipAnswer.TooLarge;
        }
        (string read, string write) = await put(body, request.Query["copy"] == "true", cancellation).WaitAsync(cancellation);
        return OipAnswer.Of(new JsonObject { ["read"] = read, ["write"] = write });
    }

    static async Task<OipAnswer> WithCapabilityAsync(
        HttpRequest request, Func<string, Task<OipAnswer>> answer, CancellationToken cancellation)
    {
        OipCall call = ProxyServer.ToCall(request);
        if (!call.IsOfType(OipAnswer.Json))
        {
            return OipAnswer.Error(HttpStatusCode.UnsupportedMediaType, $"Send {OipAnswer.Json}.");
        }
        if (await call.ReadBody(cancellation) is not { } body)
        {
            return OipAnswer.TooLarge;
        }
        return ReadCapability(body) is { } capability
            ? await answer(capability)
            : OipAnswer.Error(HttpStatusCode.BadRequest, """The body is not {"capability":"…"}.""");
    }

    static string? ReadCapability(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("capability", out JsonElement text)
                && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        // The second is how the parser says that an escaped string is no Unicode.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
