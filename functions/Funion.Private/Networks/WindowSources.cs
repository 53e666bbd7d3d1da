using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>The inputs under one window of a pooling, padding left out: for an output's index, the indices it is made of.</summary>
public ref struct WindowSources
{
    readonly TensorShape _from;
    readonly int _plane, _firstY, _firstX, _endY, _endX;
    int _y, _x;

    /// <summary>The sources of output number <paramref name="index"/>.</summary>
    public WindowSources(TensorShape from, Window window, TensorShape to, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, to.Count);
        _from = from;
        _plane = index / (to.Height * to.Width);
        int y = (index / to.Width % to.Height * window.StrideY) - window.Top, x = (index % to.Width * window.StrideX) - window.Left;
        (_firstY, _firstX) = (Math.Max(0, y), Math.Max(0, x));
        (_endY, _endX) = (Math.Min(from.Height, y + window.Height), Math.Min(from.Width, x + window.Width));
        (_y, _x) = (_firstY, _firstX - 1);
    }

    /// <summary>Index of this source.</summary>
    public readonly int Current => (((_plane * _from.Height) + _y) * _from.Width) + _x;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly WindowSources GetEnumerator() => this;

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (++_x >= _endX)
        {
            _x = _firstX;
            _y++;
        }
        return _y < _endY && _x < _endX;
    }
}
