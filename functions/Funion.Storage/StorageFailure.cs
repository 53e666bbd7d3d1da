using System.Runtime.CompilerServices;
using Azure;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>What Azure's failures mean to a port.</summary>
static class StorageFailure
{
    /// <summary>Whether an exception is the broker's or the network's, and not the caller's cancellation or a mistake of ours.</summary>
    public static bool Is(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        FileNotFoundException => false,
        RequestFailedException or AggregateException or HttpRequestException or IOException => true,
        // No token is to be had, for a while as a rule. The type lies in one of two assemblies.
        _ => exception.GetType().Namespace == "Azure.Identity",
    };

    /// <summary>Says what happened, without the original exception: its text holds request ids that link this call to the account's logs.</summary>
    public static PortUnavailableException Unavailable(Exception exception)
    {
        Exception cause = exception is AggregateException { InnerExceptions: [.., Exception last] } ? last : exception;
        string what = cause switch
        {
            RequestFailedException { ErrorCode: { Length: > 0 } code, Status: int status } => $"{code} ({status})",
            RequestFailedException { Status: > 0 } failed => $"status {failed.Status}",
            RequestFailedException { InnerException: { } inner } => inner.GetType().Name,
            _ => cause.GetType().Name,
        };
        return new PortUnavailableException($"The storage account did not serve a request: {what}.");
    }

    /// <summary>Whether what a request names is not there, or is on its way out: the services take 30 seconds and more to delete what holds things.</summary>
    public static bool IsGone(RequestFailedException failure) => failure.Status == 404 || failure.ErrorCode is "ContainerBeingDeleted" or "TableBeingDeleted";

    /// <summary>What a request answers; null when what it names is gone.</summary>
    /// <exception cref="PortUnavailableException">It was not served.</exception>
    public static async ValueTask<T?> NullIfGoneAsync<T>(Task<T> request, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await request;
        }
        catch (RequestFailedException e) when (IsGone(e))
        {
            return null;
        }
        catch (Exception e) when (Is(e, cancellation))
        {
            throw Unavailable(e);
        }
    }

    /// <summary>Enumerates a listing, turning the broker's failures into <see cref="PortUnavailableException"/>; a missing container is empty.</summary>
    public static async IAsyncEnumerable<T> Guard<T>(IAsyncEnumerable<T> listing, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using IAsyncEnumerator<T> items = listing.GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (RequestFailedException e) when (IsGone(e))
            {
                yield break;
            }
            catch (Exception e) when (Is(e, cancellation))
            {
                throw Unavailable(e);
            }
            yield return items.Current;
        }
    }
}
