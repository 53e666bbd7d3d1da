using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>The outputs of one answer, row by row of every filter, as both parties visit them.</summary>
ref struct OutputWalk
{
    readonly BlockLayout _layout;
    readonly int _firstFilter, _filters, _y, _x, _height, _width;
    int _at = -1;

    public OutputWalk(BlockLayout layout, int tile, int filterBlock)
    {
        _layout = layout;
        (_y, _x) = layout.TileOrigin(tile);
        TensorShape output = layout.Shape.Output;
        _firstFilter = filterBlock * layout.FilterBlock;
        _filters = Math.Min(layout.FilterBlock, layout.Shape.Filters - _firstFilter);
        _height = Math.Min(layout.TileHeight, output.Height - _y);
        _width = Math.Min(layout.TileWidth, output.Width - _x);
    }

    /// <summary>Number of this output in the answer.</summary>
    public readonly int Number => _at;

    /// <summary>Its coefficient.</summary>
    public int Coefficient { get; private set; }

    /// <summary>Its place in the output tensor.</summary>
    public int Index { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (++_at >= _filters * _height * _width)
        {
            return false;
        }
        int filter = _at / (_height * _width), row = _at / _width % _height, column = _at % _width;
        Window window = _layout.Shape.Window;
        TensorShape output = _layout.Shape.Output;
        Coefficient = _layout.Origin - (filter * _layout.ChannelBlock * _layout.Plane) + (row * window.StrideY * _layout.BlockWidth) + (column * window.StrideX);
        Index = ((((_firstFilter + filter) * output.Height) + _y + row) * output.Width) + _x + column;
        return true;
    }
}
