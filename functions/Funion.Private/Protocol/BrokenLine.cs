using System.Net.Sockets;
using System.Net.WebSockets;

namespace Funion.Private.Protocol;

/// <summary>What streams throw when the other side is gone: each kind of line has its own.</summary>
static class BrokenLine
{
    public static bool Is(Exception error) => error is IOException or ObjectDisposedException or WebSocketException or SocketException;

    /// <summary>Disposes of a line; that the other side is gone is no error any more.</summary>
    public static async ValueTask CloseAsync(Stream line)
    {
        try
        {
            await line.DisposeAsync();
        }
        catch (Exception gone) when (Is(gone))
        {
        }
    }
}
