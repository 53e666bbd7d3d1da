using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Funion.Cli.Oip;
using Funion.Inference;
using Funion.Network;
using Microsoft.AspNetCore.Http;

namespace Funion.Cli.Proxy;

/// <summary>The routes of the Open Inference Protocol v2, under /v2. The caller's request ends here but for its tensors.</summary>
sealed class OipRoutes(ProxyHandlers handlers)
{
    static readonly string Version = typeof(OipRoutes).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>The answer to a request; throws what the handlers throw.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its path, split, without "v2".</param>
    /// <param name="cancellation">Ends with the caller or at the deadline.</param>
    public async Task<ProxyAnswer> AnswerAsync(HttpContext context, string[] path, CancellationToken cancellation)
    {
        string[] route = path is ["models", var name, "versions", var version, .. var after]
            ? version == OipResponse.ModelVersion ? ["models", name, .. after] : ["no such version"]
            : path;
        return (context.Request.Method, route) switch
        {
            ("POST", ["models", var model, "infer"]) => await InferAsync(context.Request, model, cancellation),
            (_, ["models", _, "infer"]) => WrongMethod(context, "POST"),
            ("GET", []) => Server(),
            ("GET", ["health", "live"]) => ProxyAnswer.Of(new JsonObject { ["live"] = true }),
            ("GET", ["health", "ready"]) => Ready(handlers.Ready(), null),
            ("GET", ["models", var model]) => Model(model) is { } entry ? ProxyAnswer.Of(ModelMetadata.Write(entry)) : ProxyAnswer.NoModel,
            ("GET", ["models", var model, "ready"]) => Model(model) is null ? ProxyAnswer.NoModel : Ready(handlers.Ready(), model),
            (_, [] or ["health", "live" or "ready"] or ["models", _] or ["models", _, "ready"]) => WrongMethod(context, "GET"),
            (_, ["no such version"]) => ProxyAnswer.NoModel,
            _ => ProxyAnswer.NoRoute,
        };
    }

    public static ProxyAnswer WrongMethod(HttpContext context, string method)
    {
        context.Response.Headers.Allow = method;
        return ProxyAnswer.Error(StatusCodes.Status405MethodNotAllowed, $"This route takes {method}.");
    }

    async Task<ProxyAnswer> InferAsync(HttpRequest request, string name, CancellationToken cancellation)
    {
        if (!TryJsonLength(request, out int? length))
        {
            return ProxyAnswer.Error(StatusCodes.Status400BadRequest, $"{ProxyAnswer.JsonLengthHeader} is not a number of bytes.");
        }
        // A client that names no type but sends this header is welcome: a web page cannot send the header without a preflight, which is refused.
        bool binary = length is not null && (request.ContentType is null || ProxyGuard.IsOfType(request, ProxyAnswer.Binary));
        if (!binary && !ProxyGuard.IsOfType(request, ProxyAnswer.Json))
        {
            return ProxyAnswer.Error(
                StatusCodes.Status415UnsupportedMediaType,
                $"Send {ProxyAnswer.Json}, or {ProxyAnswer.Binary} with {ProxyAnswer.JsonLengthHeader}, uncompressed.");
        }
        if (Model(name) is not { } model)
        {
            return ProxyAnswer.NoModel;
        }
        if (await ProxyServer.ReadAsync(request, cancellation) is not { } body)
        {
            return ProxyAnswer.TooLarge;
        }
        OipRequest? parsed = length == 0
            ? OipRequest.TryParseRaw(model, body, out string error)
            : OipRequest.TryParse(body, length, out error);
        if (parsed is null || ModelMetadata.Order(model, parsed, out error) is not { } tensors)
        {
            return ProxyAnswer.Error(StatusCodes.Status400BadRequest, error);
        }
        if (parsed.Bucket is { } bucket && !model.BucketsMilliseconds.Any(offered => TimeSpan.FromMilliseconds(offered) == bucket))
        {
            return ProxyAnswer.NoModel;
        }
        InferenceAnswer answer = await handlers.Infer(model.Name, tensors, parsed.Bucket, cancellation).WaitAsync(cancellation);
        if (answer.Tensors is not { } outputs)
        {
            return ProxyAnswer.Of(answer.Failure ?? InferenceFailure.ModelFailed);
        }
        return OipResponse.TryWrite(model.Name, parsed, outputs, out error) is { } response
            ? new ProxyAnswer(
                StatusCodes.Status200OK,
                response.Body,
                response.JsonLength is null ? ProxyAnswer.Json : ProxyAnswer.Binary,
                response.JsonLength)
            : ProxyAnswer.Error(StatusCodes.Status502BadGateway, error);
    }

    ModelEntry? Model(string name) => handlers.Document().Model(name);

    static ProxyAnswer Server() => ProxyAnswer.Of(new JsonObject
    {
        ["name"] = "funion",
        ["version"] = Version,
        ["extensions"] = new JsonArray("binary_tensor_data"),
    });

    static ProxyAnswer Ready(bool ready, string? model)
    {
        JsonObject json = model is null ? [] : new JsonObject { ["name"] = model };
        json["ready"] = ready;
        return ProxyAnswer.Of(json, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    static bool TryJsonLength(HttpRequest request, out int? length)
    {
        length = null;
        if (!request.Headers.TryGetValue(ProxyAnswer.JsonLengthHeader, out var values))
        {
            return true;
        }
        bool read = int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int given);
        length = given;
        return read;
    }
}
