namespace Funion.Private.Protocol;

/// <summary>Room for one material, held while it is made: what many clients prepare at a time is bounded before it is there.</summary>
/// <param name="keep">Keeps the material in this place until it is asked for; false: it cannot be, and is the caller's still. Called at most once.</param>
/// <param name="leave">Gives up the place, where nothing was kept in it.</param>
public sealed class MaterialPlace(Func<ServerMaterial, bool> keep, Action leave) : IDisposable
{
    bool _done;

    /// <summary>Keeps what was made.</summary>
    public bool TryKeep(ServerMaterial material)
    {
        ObjectDisposedException.ThrowIf(_done, this);
        _done = true;
        return keep(material);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_done)
        {
            _done = true;
            leave();
        }
    }
}
