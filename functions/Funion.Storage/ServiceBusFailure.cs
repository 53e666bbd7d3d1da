using System.Net.Sockets;
using Azure;
using Azure.Messaging.ServiceBus;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>What Service Bus's failures mean to a port.</summary>
static class ServiceBusFailure
{
    /// <summary>Whether an exception is the broker's, the network's or the credential's, and not the caller's cancellation or a mistake of ours.</summary>
    public static bool Is(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        FileNotFoundException or ObjectDisposedException or ArgumentException => false,
        ServiceBusException or RequestFailedException or TimeoutException or SocketException or IOException => true,
        // What the client makes of "unauthorized", "not allowed" and "not implemented".
        UnauthorizedAccessException or InvalidOperationException or NotSupportedException => true,
        // Credentials come from packages that this assembly does not know.
        _ => exception.GetType().Namespace is "Azure.Identity" or "Microsoft.Azure.Amqp",
    };

    /// <summary>Whether a delivery is no longer its holder's.</summary>
    public static bool IsLeaseLost(Exception exception) =>
        exception is ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound };

    /// <summary>Says what happened, without the original exception: its text holds tracking ids that link this call to the namespace's logs.</summary>
    public static PortUnavailableException Unavailable(Exception exception)
    {
        string what = exception switch
        {
            ServiceBusException { Reason: ServiceBusFailureReason.GeneralError, InnerException: { } inner } => inner.GetType().Name,
            ServiceBusException failed => $"{failed.Reason}",
            _ => exception.GetType().Name,
        };
        return new PortUnavailableException($"The Service Bus namespace did not serve a request: {what}.");
    }
}
